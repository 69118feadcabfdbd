package apikey_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/identity"
)

// The SHA-256 hashes of these names begin with the same five bytes. They are
// the first such pair among "Report0.View", "Report1.View" and so on.
const (
	twinA = "Report395296.View"
	twinB = "Report874166.View"
)

// The two names really collide, for the package that writes and reads the short
// form.
func TestTwins(t *testing.T) {
	held, err := identity.Parse(string(identity.Append(nil, []string{twinA, strings.Repeat("x", identity.MaxPlain)})))
	if err != nil || !held.Has(twinA) || !held.Has(twinB) || held.Has("Report0.View") {
		t.Errorf("%v", err)
	}
}

// Two permissions that a backend could not tell apart cannot be declared, by
// one service or by two. The fault names both; the first one stays.
func TestConfusablePermissions(t *testing.T) {
	h := newHouse(t)
	put := func(id string, names ...string) error {
		draft := apikey.ServiceDraft{Name: id}
		for _, name := range names {
			draft.Permissions = append(draft.Permissions, apikey.Permission{Name: name})
		}
		_, _, err := h.PutService(t.Context(), h.admin, id, 0, draft, false)
		return err
	}
	wantTwins := func(err error) {
		t.Helper()
		var e *apikey.Error
		if !errors.As(err, &e) || e.Kind != apikey.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "permissions" ||
			!strings.Contains(e.Fields[0].Detail, twinA) || !strings.Contains(e.Fields[0].Detail, twinB) {
			t.Errorf("error %+v", err)
		}
	}
	wantTwins(put("reports", twinB, "ViewReports", twinA))
	if err := put("reports", twinA, "ViewReports"); err != nil {
		t.Fatal(err)
	}
	wantTwins(put("archive", twinB))
	if err := put("archive", twinA); err != nil {
		t.Errorf("the same permission in two services: %v", err)
	}
}
