package apigw_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
)

// The last key that can administer keys is not ended by mistake, in any format.
// The refusal says what to do, and force does it. Nothing is written before.
func TestLastAdminKey(t *testing.T) {
	for _, test := range []struct {
		op      string
		dialect operations.Dialect
		body    string
	}{
		{"delete-apikey", operations.Canonical, ""},
		{"patch-apikey", operations.Canonical, `{"enabled":false}`},
		{"update-apikey", operations.Canonical, `{"name":"n","permissions":["ViewTables"]}`},
		{"delete-user", operations.Canonical, ""},
		{"delete-apikey", operations.Catena, ""},
		{"patch-apikey", operations.Supermetrics, `{"is_enabled":false}`},
	} {
		t.Run(test.op+" "+string(test.dialect), func(t *testing.T) {
			s := newStage(t)
			second := apikey.UserDraft{Email: "second@example.com", Name: "Second", Role: apikey.RoleOwner}
			if _, err := s.api.Rules.CreateUser(t.Context(), s.by(), second); err != nil {
				t.Fatal(err)
			}
			id := s.admin.Key.ID.String()
			switch {
			case test.dialect == operations.Supermetrics:
				id = supermetrics.KeyID(s.admin.Key.ID)
			case test.op == "delete-user":
				id = s.owner.ID.String()
			}
			before := len(s.auditLogIDs())
			event := s.at(test.dialect, test.op, id, test.body)
			response := s.call(test.op, event)
			if response.StatusCode != http.StatusConflict || !strings.Contains(response.Body, `"LAST_ADMIN_KEY"`) ||
				!strings.Contains(response.Body, "?force=true") || strings.Contains(response.Body, "keyCount") {
				t.Errorf("status %d: %s", response.StatusCode, response.Body)
			}
			if got := len(s.auditLogIDs()); got != before {
				t.Errorf("%d audit records, want %d", got, before)
			}
			event.QueryStringParameters = map[string]string{"force": "true"}
			if response = s.call(test.op, event); response.StatusCode >= http.StatusMultipleChoices {
				t.Errorf("forced: status %d: %s", response.StatusCode, response.Body)
			}
		})
	}
}

// The last OWNER cannot be removed. The refusal does not mention the number of
// keys, which does not matter.
func TestLastOwnerTellsNoCounts(t *testing.T) {
	s := newStage(t)
	response := s.call("delete-user", s.event("delete-user", s.owner.ID.String(), ""))
	s.refused(response, http.StatusConflict, "LAST_OWNER")
	if strings.Contains(response.Body, "Count") {
		t.Error(response.Body)
	}
}
