package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

const (
	apiKeys = "/enterprise/v2/api_keys"
	apiKey  = "/enterprise/v2/api_key"
)

// scopes are the document's 12 scopes.
var scopes = []string{
	"ds_accounts_read", "ds_login_links_read", "ds_login_links_write", "ds_logins_read", "ds_queries_read", "ds_queries_run",
	"table_groups_read", "table_groups_write", "team_lists_read", "team_lists_write", "team_settings_read", "team_settings_write",
}

// teamKey is an API key in the Supermetrics format.
type teamKey struct {
	Kind        string    `json:"@type"`
	ID          string    `json:"api_key_id"`
	CreatedTime string    `json:"created_time"`
	Description string    `json:"description"`
	Type        string    `json:"key_type"`
	Start       string    `json:"key_start"`
	Value       *string   `json:"key_value"`
	ScopeNames  []string  `json:"scope_names"`
	AllowIPs    []string  `json:"allow_ips"`
	Enabled     bool      `json:"is_enabled"`
	BehalfOf    *teamUser `json:"behalf_of_user_info"`
}

type teamUser struct {
	Kind  string `json:"@type"`
	ID    string `json:"user_id"`
	Email string `json:"email"`
}

// teamError is an error in the Supermetrics format.
type teamError struct {
	Meta  struct{ RequestID string } `json:"meta"`
	Error struct{ Code, Message, Description string }
}

// canonicalID returns a key's or user's id without the document's prefix.
func canonicalID(id string) string {
	digits := id[4:]
	return strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
}

// teamUserID returns a user's id in the document's form.
func teamUserID(user stacktest.User) string { return "usr_" + strings.ReplaceAll(user.ID, "-", "") }

// keyIn returns the only key of an answer, from its envelope.
func keyIn(t *testing.T, answer stacktest.Answer) teamKey {
	t.Helper()
	wantFields(t, answer.Body, "meta", "data")
	body := stacktest.JSON[struct {
		Meta struct {
			RequestID string `json:"request_id"`
		}
		Data teamKey
	}](t, answer)
	if body.Meta.RequestID == "" {
		t.Errorf("no request id: %s", answer.Body)
	}
	return body.Data
}

// add creates a key in the Supermetrics format, which is deleted after the test,
// and returns a client with it.
func add(t *testing.T, as stacktest.Client, body stacktest.Member) (stacktest.Client, teamKey) {
	t.Helper()
	key := keyIn(t, as.Send(t, http.MethodPost, apiKey, body).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Delete(t, canonicalID(key.ID)) })
	if key.Value == nil {
		t.Fatal("the answer does not show the key")
	}
	return as.With(*key.Value), key
}

// patch changes a key and returns it as in the answer.
func patch(t *testing.T, as stacktest.Client, id string, body stacktest.Member) teamKey {
	t.Helper()
	return keyIn(t, as.Send(t, http.MethodPatch, apiKey+"/"+id, body).Want(t, http.StatusOK))
}

// wantError checks that an answer is an error in the document's envelope.
func wantError(t *testing.T, answer stacktest.Answer, status int, code string) {
	t.Helper()
	answer.Want(t, status)
	wantFields(t, answer.Body, "meta", "error")
	var whole struct{ Meta, Error json.RawMessage }
	if err := json.Unmarshal(answer.Body, &whole); err != nil {
		t.Fatal(err)
	}
	wantFields(t, whole.Meta, "request_id")
	wantFields(t, whole.Error, "code", "message", "description")
	if e := stacktest.JSON[teamError](t, answer).Error; e.Code != code || e.Message == "" || e.Description == "" {
		t.Errorf("%s, want %s", answer.Body, code)
	}
}

// events returns the audit records of a key, newest first.
func events(t *testing.T, id, action string) []stacktest.Member {
	t.Helper()
	path := "/v1/audit-events?target=" + canonicalID(id) + "&action=" + action
	return stacktest.JSON[struct{ Items []stacktest.Member }](t, admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)).Items
}
