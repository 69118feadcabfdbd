package upgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// API is a stack of any version, and its admin key.
type API struct{ URL, Key string }

// The names of what [Make] makes.
const (
	Uploader    = "uploader"    // a key of direct permissions
	Renamed     = "renamed"     // one that was changed
	Deleted     = "deleted"     // one that is gone
	Disabled    = "disabled"    // from here on: what the second version brought
	Elsewhere   = "elsewhere"   // a key for addresses that no test has
	Recoverable = "recoverable" // a key that can be revealed
	Person      = "person"      // a user
	Personal    = "personal"    // the user's key
	Analysts    = "analysts"    // a policy
	Analyst     = "analyst"     // a key of it
	Reports     = "reports"     // a service
)

// member is what is said of something that is to be made.
type member = map[string]any

// Make makes one of each thing that the version knows, and says what it made.
func (a API) Make(ctx context.Context) (map[string]Made, error) {
	m := maker{API: a, ctx: ctx, made: make(map[string]Made)}
	m.key(Uploader, member{"permissions": []string{"ManageFiles"}})
	m.key(Renamed, member{"permissions": []string{"ManageFiles", "AccessQueries"}})
	m.do(http.MethodPatch, "/v1/apikeys/"+m.made[Renamed].ID, member{"name": "New name", "permissions": []string{"ManageFiles"}}, nil)
	m.key(Deleted, member{"permissions": []string{"ManageFiles"}})
	m.do(http.MethodDelete, "/v1/apikeys/"+m.made[Deleted].ID, nil, nil)
	if m.err == nil && m.do(http.MethodGet, "/v1/policies", nil, nil) {
		m.owners()
	} else {
		m.err = nil // of a version before policies
	}
	return m.made, m.err
}

// owners makes what the second version brought.
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

// maker makes things until the first that fails.
type maker struct {
	API
	ctx  context.Context //nolint:containedctx // it lives as long as one call
	made map[string]Made
	err  error
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
		m.err = m.call(m.ctx, method, path, body, into)
	}
	return m.err == nil
}

func (a API) call(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body) // of maps and strings
	}
	request, err := http.NewRequestWithContext(ctx, method, a.URL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.Key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}
