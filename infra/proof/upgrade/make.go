package upgrade

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/infra/local/client"
)

// The names of what [Make] creates.
const (
	Uploader    = "uploader"    // a key with direct permissions
	Renamed     = "renamed"     // a key that was changed
	Deleted     = "deleted"     // a key that was deleted
	Disabled    = "disabled"    // new in the second version, like all that follow
	Elsewhere   = "elsewhere"   // a key for addresses that no test uses
	Recoverable = "recoverable" // a key that can be revealed
	Person      = "person"      // a user
	Personal    = "personal"    // the user's key
	Analysts    = "analysts"    // a policy
	Analyst     = "analyst"     // a key with that policy
	Reports     = "reports"     // a service
)

// member is a body of a request.
type member = map[string]any

// Make creates one of each thing that a stack's version supports, with its admin
// key, and returns what it created.
func Make(ctx context.Context, admin client.Client) (map[string]Made, error) {
	m := maker{admin: admin, ctx: ctx, made: make(map[string]Made)}
	m.key(Uploader, member{"permissions": []string{"ManageFiles"}})
	m.key(Renamed, member{"permissions": []string{"ManageFiles", "AccessQueries"}})
	m.do(http.MethodPatch, "/v1/apikeys/"+m.made[Renamed].ID, member{"name": "New name", "permissions": []string{"ManageFiles"}}, nil)
	m.key(Deleted, member{"permissions": []string{"ManageFiles"}})
	m.do(http.MethodDelete, "/v1/apikeys/"+m.made[Deleted].ID, nil, nil)
	if m.err == nil && m.do(http.MethodGet, "/v1/policies", nil, nil) {
		m.owners()
	} else {
		m.err = nil // the version has no policies
	}
	return m.made, m.err
}

// owners creates what the second version added.
func (m *maker) owners() {
	m.key(Disabled, member{"permissions": []string{"ManageFiles"}, "enabled": false})
	m.key(Elsewhere, member{"permissions": []string{"ManageFiles"}, "allowIps": []string{"192.0.2.0/24"}})
	m.key(Recoverable, member{"permissions": []string{"ManageFiles"}, "recoverable": true, "expiresOn": "2126-01-01T00:00:00Z"})
	m.new(Person, "/v1/users", member{"email": "person@example.com", "role": "MEMBER", "permissions": []string{"AccessQueries"}})
	m.key(Personal, member{"type": "personal", "onBehalfOf": m.made[Person].ID})
	m.new(Analysts, "/v1/policies", member{"permissions": []string{"AccessQueries"}})
	m.key(Analyst, member{"policyId": m.made[Analysts].ID})
	m.do(http.MethodPut, "/v1/services/"+Reports, member{
		"name": "Reports", "permissions": []any{member{"name": "ReadReports", "description": "Read reports"}},
		"apis":   []any{member{"account": "123456789012", "id": "reportsapi"}},
		"routes": []any{member{"method": "GET", "path": "/v1/reports", "permissions": []string{"ReadReports"}}},
	}, nil)
	m.made[Reports] = Made{ID: Reports}
}

// maker creates resources until the first failure.
type maker struct {
	admin client.Client
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	made  map[string]Made
	err   error
}

func (m *maker) key(name string, body member) { m.new(name, "/v1/apikeys", body) }

func (m *maker) new(name, path string, body member) {
	var made Made
	body["name"] = name
	m.do(http.MethodPost, path, body, &made)
	m.made[name] = made
}

// do makes a request, and reports whether it succeeded.
func (m *maker) do(method, path string, body, into any) bool {
	if m.err == nil {
		m.err = m.admin.Do(m.ctx, method, path, body, into)
	}
	return m.err == nil
}
