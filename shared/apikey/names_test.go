package apikey_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// A bad name gives one fault, under the field's own name, wherever names are
// taken.
func TestABadNameIsOneFault(t *testing.T) {
	h := newHouse(t)
	for what, name := range map[string]string{"control": "a\x01", "long": strings.Repeat("n", apikey.MaxNameBytes+1)} {
		bad := setup
		bad.Name, bad.OwnerName, bad.AdminKey = name, name, name
		_, user := h.CreateUser(t.Context(), h.admin, apikey.UserDraft{Email: "x@example.com", Name: name, Role: apikey.RoleMember})
		_, _, service := h.PutService(t.Context(), h.admin, "named", 0, apikey.ServiceDraft{Name: name}, false)
		_, settings := h.ChangeSettings(t.Context(), h.owner, 0, changing(apikey.Settings{Name: name, KeyPrefix: "kw", MaxKeys: 9}))
		_, boot := h.Bootstrap(t.Context(), bad)
		for where, c := range map[string]struct {
			err    error
			fields string
		}{
			"user": {user, "name"}, "service": {service, "name"}, "settings": {settings, "name"},
			"bootstrap": {boot, "organization.name owner.name adminKey"},
		} {
			var e *apikey.Error
			if !errors.As(c.err, &e) {
				t.Errorf("%s, %s: %v", where, what, c.err)
				continue
			}
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
			if got := strings.Join(fields, " "); got != c.fields {
				t.Errorf("%s, %s: faults of %q, want %q", where, what, got, c.fields)
			}
		}
	}
}
