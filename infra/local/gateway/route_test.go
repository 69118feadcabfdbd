package gateway

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A path matches the most specific template that matches all of it, and its
// parameters are decoded.
func TestFind(t *testing.T) {
	api := API{Routes: []Route{
		{Method: "GET", Path: "/v1/{rest+}"},
		{Method: "GET", Path: "/v1/apikeys/{id}"},
		{Method: "DELETE", Path: "/v1/apikeys/{id}"},
		{Method: "GET", Path: "/v1/apikeys/policies"},
		{Method: "POST", Path: "/v1/apikeys"},
		{Method: "ANY", Path: "/any"},
		{Method: "GET", Path: "/any"},
		{Method: "GET", Path: "/"},
	}}
	for _, c := range []struct {
		method, path, want string
		params             map[string]string
	}{
		{"GET", "/v1/apikeys/policies", "GET /v1/apikeys/policies", nil},
		{"GET", "/v1/apikeys/abc", "GET /v1/apikeys/{id}", map[string]string{"id": "abc"}},
		{"GET", "/v1/apikeys/a%2Fb", "GET /v1/apikeys/{id}", map[string]string{"id": "a/b"}},
		{"DELETE", "/v1/apikeys/abc", "DELETE /v1/apikeys/{id}", map[string]string{"id": "abc"}},
		{"GET", "/v1/apikeys/abc/def", "GET /v1/{rest+}", map[string]string{"rest": "apikeys/abc/def"}},
		{"GET", "/v1/", "", nil},
		{"GET", "/v1", "", nil},
		{"DELETE", "/v1/apikeys/policies", "DELETE /v1/apikeys/{id}", map[string]string{"id": "policies"}}, // resource and method together
		{"GET", "/v1/apikeys", "GET /v1/{rest+}", map[string]string{"rest": "apikeys"}},                    // likewise
		{"POST", "/v1/apikeys/abc", "", nil},
		{"PUT", "/any", "ANY /any", nil},
		{"GET", "/any", "GET /any", nil},
		{"GET", "/", "GET /", nil},
		{"GET", "/V1/apikeys/abc", "", nil},
		{"get", "/", "", nil},
	} {
		m := api.find(c.method, c.path)
		got := ""
		if m.found {
			got = m.route.Method + " " + m.route.Path
		}
		if got != c.want || len(c.params) > 0 && !maps.Equal(m.params, c.params) {
			t.Errorf("%s %s: route %q %v, want %q %v", c.method, c.path, got, m.params, c.want, c.params)
		}
	}
	if m := api.find("PUT", "/v1/apikeys/abc"); !slices.Equal(m.allowed, []string{"GET", "DELETE"}) {
		t.Errorf("allowed methods %v", m.allowed)
	}
}

// An HTTP API also chooses among the method's routes, so a less specific
// template wins if the more specific one has another method.
func TestFindHTTP(t *testing.T) {
	api := API{Kind: HTTP, Routes: []Route{{Method: "GET", Path: "/a/b"}, {Method: "POST", Path: "/a/{x}"}}}
	if m := api.find("POST", "/a/b"); !m.found || m.route.Path != "/a/{x}" {
		t.Errorf("found %+v", m.route)
	}
}

// A path has no route if it is uncertain how API Gateway reads it, whatever
// template would match. Other odd characters are part of a parameter's value. A
// REST API ignores slashes around the path.
func TestUndecidedPaths(t *testing.T) {
	routes := []Route{{Method: "GET", Path: "/"}, {Method: "GET", Path: "/a/{id}"}, {Method: "GET", Path: "/a/{id}/b"}, {Method: "GET", Path: "/{rest+}"}}
	for _, c := range []struct {
		path       string
		rest, http string // the templates of a REST and of an HTTP API
	}{
		{"/", "/", "/"}, {"/a/x", "/a/{id}", "/a/{id}"}, {"/x/y/z", "/{rest+}", "/{rest+}"},
		{"/a/*", "/a/{id}", "/a/{id}"}, {"/a/%2A", "/a/{id}", "/a/{id}"}, {"/a/...", "/a/{id}", "/a/{id}"},
		{"/a/%20", "/a/{id}", "/a/{id}"}, {"/a/%25", "/a/{id}", "/a/{id}"}, {"/%61/x", "/a/{id}", "/a/{id}"},
		{"/a/x%2Fb", "/a/{id}", ""}, {"/a/x%3Fb", "/a/{id}", ""}, {"/a%2Fx", "/{rest+}", ""},
		{"//", "/", ""}, {"/a/", "/{rest+}", ""}, {"/a/x/", "/a/{id}", ""}, {"//a/x", "/a/{id}", ""}, {"/a//b", "/{rest+}", ""}, {"/x//", "/{rest+}", ""},
		{"/a/..", "", ""}, {"/a/.", "", ""}, {"/a/%2e%2E", "", ""}, {"/a/%2e", "", ""}, {"/a/../a/x", "", ""}, {"/x/%2e%2e/a/x", "", ""},
		{"/a/%zz", "", ""}, {"", "", ""}, {"*", "", ""},
	} {
		for kind, want := range map[Kind]string{REST: c.rest, HTTP: c.http} {
			api, got := API{Kind: kind, Routes: routes}, ""
			if m := api.find("GET", c.path); m.found {
				got = m.route.Path
			}
			if got != want {
				t.Errorf("kind %d, %s: route %q, want %q", kind, c.path, got, want)
			}
		}
	}
}

// Slashes around a path stay in the event and in the ARN for policies, but are
// not part of a parameter.
func TestSlashesStay(t *testing.T) {
	r := newRig(t, nil)
	for _, path := range []string{"/v1/apikeys/x/", "//v1/apikeys/x", "/v1/apikeys/x//"} {
		r.send("GET", path, "")
		arn := "arn:aws:execute-api:us-east-1:000000000000:keyward/v1/GET" + path
		expect(t, r.functionEvent, map[string]any{"path": path, "resource": "/v1/apikeys/{id}", "pathParameters": map[string]string{"id": "x"}})
		expect(t, r.authorizerEvent, map[string]any{"path": path, "methodArn": arn})
	}
}

// If several APIs share an address, a request goes to the one with the most
// specific match, not to one with a catch-all.
func TestWhoseRequest(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.APIs[0].Routes = append(c.APIs[0].Routes, Route{Method: "ANY", Path: "/v1/{proxy+}", Public: true, Invoke: c.APIs[0].Routes[0].Invoke})
	})
	for request, want := range map[string]string{
		"POST /v1/files": "demo", "GET /v1/files": "", "POST /v1/apikeys": "keyward", "GET /v1/apikeys": "keyward", "GET /v1/else": "keyward",
	} {
		method, path, _ := strings.Cut(request, " ")
		r.functionEvent = nil
		r.send(method, path, "")
		if got, _ := at(r.functionEvent, "requestContext.apiId").(string); got != want {
			t.Errorf("%s went to %q, want %q", request, got, want)
		}
	}
}
