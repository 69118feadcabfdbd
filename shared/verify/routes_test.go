package verify

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// A path is matched as API Gateway matches it: segment by segment, exact before
// {parameter} before {greedy+}. If a path could be read in two ways, no
// template matches.
func TestPathMatching(t *testing.T) {
	g := prepared(apikey.Service{Routes: []routing.Route{
		{Method: "GET", Path: "/"},
		{Method: "GET", Path: "/v1/files/{id}"}, {Method: "GET", Path: "/v1/files/admin"},
		{Method: "GET", Path: "/v1/{kind}/admin"}, {Method: "GET", Path: "/v1/files/{id}/parts/{part}"},
		{Method: "GET", Path: "/v1/{rest+}"}, {Method: "GET", Path: "/open/{rest+}"},
	}})
	for path, want := range map[string]string{
		"/": "/", "": "", "v1/files/1": "", "/v2": "", "/v1": "",
		"/v1/files/1": "/v1/files/{id}", "/v1/files/admin": "/v1/files/admin", "/v1/files/Admin": "/v1/files/{id}",
		"/v1/teams/admin": "/v1/{kind}/admin", "/v1/files/1/parts/2": "/v1/files/{id}/parts/{part}",
		"/v1/files": "/v1/{rest+}", "/v1/files/1/parts": "/v1/{rest+}", "/v1/a/b/c/d": "/v1/{rest+}",
		"/open": "", "/open/": "", "/open/a": "/open/{rest+}",
		"/v1/files/": "/v1/{rest+}", "/v1//1": "", "//v1/files/1": "/v1/files/{id}", "/v1/files/1/": "/v1/files/{id}",
		"/v1/files/..": "", "/v1/files/./1": "", "/v1/files/../teams/admin": "", "/open/../v1/files/1": "",
		"/v1/files/a%20b": "/v1/files/{id}", "/v1/files/%61dmin": "", "/v1/files/a%2Fb": "",
		"/v1/files/%2e%2e": "", "/v1/files/%": "", "/v1/files/%zz": "", "/v1/%66iles/1": "",
		"/v1/files/*": "/v1/files/{id}", "/*": "", "/v1/files/?": "/v1/files/{id}",
		"/v1/files/{id}": "/v1/files/{id}", "/v1/files/%252e%252e": "/v1/files/{id}",
	} {
		got := ""
		if route, _ := g.route(&Request{Method: "GET", Path: path}); route != nil {
			got = route.Path
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

// A specific method comes before ANY, both for a template and for a path. For a
// path, the most specific template that has the method is chosen, as in a REST
// API.
func TestMethods(t *testing.T) {
	g := prepared(apikey.Service{Routes: []routing.Route{
		{Method: "ANY", Path: "/a", Permissions: []string{"any"}}, {Method: "PUT", Path: "/a", Permissions: []string{"put"}},
		{Method: "GET", Path: "/b"}, {Method: "ANY", Path: "/{rest+}", Permissions: []string{"rest"}},
		{Method: "ANY", Path: "$default", Permissions: []string{"default"}},
	}})
	for _, test := range []struct {
		request Request
		want    string
	}{
		{Request{Method: "PUT", Route: "/a"}, "put"}, {Request{Method: "PUT", Path: "/a"}, "put"},
		{Request{Method: "GET", Route: "/a"}, "any"}, {Request{Method: "GET", Path: "/a"}, "any"},
		{Request{Method: "POST", Route: "/b"}, ""}, {Request{Method: "POST", Path: "/b"}, "rest"},
		{Request{Method: "POST", Path: "/c/d"}, "rest"}, {Request{Method: "POST", Route: "/{rest+}"}, "rest"},
		{Request{Method: "POST", Route: "/{other+}"}, "rest"}, {Request{Method: "POST", Route: "/c/d"}, ""},
		{Request{Method: "POST", Route: "/{other}"}, ""}, {Request{Method: "POST", Route: "{other+}"}, ""},
		{Request{Method: "POST", Route: "$default"}, "default"}, {Request{Method: "POST", Path: "$default"}, ""},
		{Request{Method: "ANY", Route: "/b"}, ""},
	} {
		got := ""
		if route, _ := g.route(&test.request); route != nil {
			got = route.Permissions[0]
		}
		if got != test.want {
			t.Errorf("%+v: got %q, want %q", test.request, got, test.want)
		}
	}
}

// prepared prepares a service whose size nobody counts.
func prepared(service apikey.Service) *guardedService {
	return newGuardedService(service, func(*guardedService, int) {})
}

// A HEAD that no route lists needs the permission of its GET, even if unlisted
// requests are allowed to every valid key.
func TestUnlistedHeadIsDecidedAsGet(t *testing.T) {
	w := newWorld()
	w.services[demoAPI] = apikey.Service{
		ID: "demo", Org: "acme", APIs: []routing.API{demoAPI}, Permissions: declared, Unlisted: routing.AuthenticateUnlisted,
		Routes: []routing.Route{{Method: "GET", Path: "/v1/files/{id}", Permissions: []string{"ManageFiles"}}},
	}
	key := w.mint(t, "acme", "AccessQueries")
	for _, method := range []string{"GET", "HEAD"} {
		d, err := w.verifier(time.Second).Decide(t.Context(), Request{Authorization: []string{"Bearer " + key.Reveal()}, API: demoAPI, Method: method, Route: "/v1/files/{id}"})
		if d.Outcome != Forbidden || err != nil {
			t.Errorf("%s: outcome %d, %v", method, d.Outcome, err)
		}
	}
}

// A template has the route that the service lists with the same shape: another name
// for a parameter does not make it an unlisted one, which may be open to every valid
// key.
func TestParameterNamesDoNotMatter(t *testing.T) {
	w := newWorld()
	w.services[demoAPI] = apikey.Service{
		ID: "demo", Org: "acme", APIs: []routing.API{demoAPI}, Permissions: declared, Unlisted: routing.AuthenticateUnlisted,
		Routes: []routing.Route{{Method: "GET", Path: "/v1/files/{id}/parts/{rest+}", Permissions: []string{"ManageFiles"}}},
	}
	key, owner := w.mint(t, "acme", "AccessQueries"), w.mint(t, "acme", "ManageFiles")
	decide := func(text, method, route string) Decision {
		d, err := w.verifier(time.Second).Decide(t.Context(), Request{Authorization: []string{"Bearer " + text}, API: demoAPI, Method: method, Route: route})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, method := range []string{"GET", "HEAD"} {
		if d := decide(key.Reveal(), method, "/v1/files/{fileId}/parts/{path+}"); d.Outcome != Forbidden || d.Code != PermissionMissing {
			t.Errorf("%s: outcome %d, %s", method, d.Outcome, d.Code)
		}
		if d := decide(owner.Reveal(), method, "/v1/files/{fileId}/parts/{path+}"); d.Outcome != Allowed {
			t.Errorf("%s by a holder: outcome %d, %s", method, d.Outcome, d.Code)
		}
	}
	for _, other := range []string{"/v1/files/{id}/parts/{part}", "/v1/files/{id}", "/v1/files/id/parts/{rest+}"} {
		if d := decide(key.Reveal(), "GET", other); d.Outcome != Allowed {
			t.Errorf("%s has another shape: outcome %d, %s", other, d.Outcome, d.Code)
		}
	}
}
