package gateway

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// With a missing or empty Authorization header, no authorizer is called, on any
// kind of API.
func TestMissingIdentitySource(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v1/apikeys", ""}, {"POST", "/v1/files", ""}, {"POST", "/api/x", ""}, {"GET", "/one/x", ""}, {"GET", "/two/x", ""},
		{"GET", "/socket", ""}, {"POST", "/graphql", `{"query":"{caller}"}`},
	} {
		for _, headers := range [][]string{{"-Authorization"}, {"-Authorization", "Authorization: "}} {
			headers = append(headers, "Connection: Upgrade", "Upgrade: websocket")
			if res, _ := r.send(c.method, c.path, c.body, headers...); res.StatusCode != 401 {
				t.Errorf("%s: status %d, want 401", c.path, res.StatusCode)
			}
		}
	}
	if n := r.asked.Load(); n != 0 || r.functionEvent != nil {
		t.Errorf("the authorizer was asked %d times", n)
	}
}

// The cache key consists of the values of all identity sources, and nothing
// else.
func TestIdentitySources(t *testing.T) {
	ask := func(r *rig, path, host string) bool {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		request.Header.Set("Authorization", "Bearer key")
		before := r.asked.Load()
		res, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
		return r.asked.Load() > before
	}
	for name, c := range map[string]struct {
		sources       []Source
		route, domain bool // whether a change of it calls the authorizer again
	}{
		"header alone": {nil, false, false},
		"route":        {[]Source{RouteSource}, true, false},
		"host":         {[]Source{HostSource}, false, true},
		"address":      {[]Source{AddressSource}, false, false},
		"all":          {[]Source{RouteSource, AddressSource, HostSource}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(config *Config) {
				own := &config.APIs[0]
				own.Authorizer.TTL, own.Authorizer.Sources = time.Minute, c.sources
				own.Routes = append(own.Routes, Route{Method: "GET", Path: "/v1/other", Invoke: own.Routes[0].Invoke})
			})
			if !ask(r, "/v1/apikeys/x", "a.example.com") {
				t.Error("the first request asked nobody")
			}
			for about, got := range map[string][2]bool{
				"another path of the route": {ask(r, "/v1/apikeys/y", "a.example.com"), false},
				"another route":             {ask(r, "/v1/other", "a.example.com"), c.route},
				"another host":              {ask(r, "/v1/apikeys/x", "b.example.com"), c.domain},
			} {
				if got[0] != got[1] {
					t.Errorf("%s: asked anew %v, want %v", about, got[0], got[1])
				}
			}
		})
	}
}

// The source's value is the socket's address, so another address gets its own
// answer. If a source has no value, the authorizer is not called.
func TestSourceValues(t *testing.T) {
	c := &call{match: match{route: &Route{Method: "GET", Path: "/a/{b}"}}, source: "192.0.2.1", http: &http.Request{Host: "a.example.com:443", Header: http.Header{"Authorization": {"x", "y"}}}}
	c.api = &API{Kind: HTTP, Authorizer: &Authorizer{Sources: []Source{RouteSource, AddressSource, HostSource}}}
	if err := c.identify(); err != nil || !slices.Equal(c.identity, []string{"x,y", "GET /a/{b}", "192.0.2.1", "a.example.com"}) {
		t.Errorf("%q, %v", c.identity, err)
	}
	c.source = ""
	if err := c.identify(); err == nil {
		t.Errorf("a missing source was passed over: %q", c.identity)
	}
	for _, api := range []API{{Kind: REST, Authorizer: &Authorizer{Shape: TokenShape, Sources: c.api.Authorizer.Sources}}, {Kind: GraphQL, Authorizer: c.api.Authorizer}} {
		c.api = &api
		if err := c.identify(); err != nil || len(c.identity) != 1 {
			t.Errorf("kind %d has the sources %q, %v", api.Kind, c.identity, err)
		}
	}
}
