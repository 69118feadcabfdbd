package apikey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
)

// takes is IAM's rule of wildcards, in the plainest way: a * takes any text, a ?
// any one character.
func takes(resource, text string) bool {
	switch {
	case resource == "":
		return text == ""
	case resource[0] == '*':
		return takes(resource[1:], text) || text != "" && takes(resource, text[1:])
	}
	return text != "" && (resource[0] == '?' || resource[0] == text[0]) && takes(resource[1:], text[1:])
}

// allows is IAM's evaluation of what a coverage becomes.
func allows(c apikey.Coverage, request string) bool {
	by := func(resource string) bool { return takes(resource, request) }
	return slices.ContainsFunc(c.Allow, by) && !slices.ContainsFunc(c.Deny, by)
}

// truth is how a request is decided by itself, and on which route.
type truth struct {
	open  bool
	route *apikey.Route
	plain bool
}

// decide is the right answer: that of the most specific template that fits and
// has the method, and on an HTTP API of the catch-all where there is none. A
// method that nobody knows has none. A slash at the end or a second one at the
// beginning is no part of what a REST API matches; what an HTTP API makes of them
// is not known.
func decide(s apikey.Service, onHTTP bool, held apikey.Permissions, method, path string) truth {
	table := apikey.NewRouteTable(s.Routes)
	route, plain := table.Match(method, path)
	if onHTTP && path != "/" && path != "/"+strings.Trim(path, "/") {
		route, plain = nil, false
	}
	if route == nil && plain && onHTTP {
		route = table.Route(method, apikey.Default)
	}
	if !slices.Contains(apikey.Methods(), method) {
		return truth{false, nil, plain}
	}
	switch unlisted := s.Unlisted == apikey.AuthenticateUnlisted; {
	case route != nil:
		return truth{route.OpenTo(held), route, plain}
	case plain || !unlisted:
		return truth{unlisted, nil, plain}
	}
	all := !slices.ContainsFunc(s.Routes, func(r apikey.Route) bool {
		return (r.Path != apikey.Default || onHTTP) && r.Path != apikey.Connect && !r.OpenTo(held)
	})
	return truth{all, nil, plain}
}

// odd reports whether a path is spelled in a way that policies about a whole API
// refuse.
func odd(path string) bool {
	return strings.Contains(path, "%") || path != "/" && path != "/"+strings.Trim(path, "/")
}

var permissionNames = []string{"P", "Q", "R"}

func drawPermissions(t *rapid.T, label string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(permissionNames), 0, 2, rapid.ID).Draw(t, label)
}

func drawService(t *rapid.T) apikey.Service {
	s := apikey.Service{Unlisted: rapid.SampledFrom([]apikey.Unlisted{"", apikey.RefuseUnlisted, apikey.AuthenticateUnlisted}).Draw(t, "unlisted")}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 7).Draw(t, "routes") {
		path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "a", "b", "{x}", "{x}", "{y}"}), 1, 4).Draw(t, "segments"), "/")
		switch rapid.IntRange(0, 9).Draw(t, "end") {
		case 0:
			path = apikey.Default
		case 1:
			path = apikey.Connect
		case 2:
			path = "/"
		case 3, 4:
			path += "/{z+}"
		case 5:
			path = "/{z+}"
		}
		method := rapid.SampledFrom([]string{"GET", "GET", "POST", apikey.AnyMethod}).Draw(t, "method")
		if !seen[method+path] {
			s.Routes = append(s.Routes, apikey.Route{Method: method, Path: path, Permissions: drawPermissions(t, "needs")})
		}
		seen[method+path] = true
	}
	return s
}

func drawPath(t *rapid.T) string {
	segments := []string{"a", "a", "b", "b", "c", "c", "ab"}
	if rapid.IntRange(0, 3).Draw(t, "odd") == 0 {
		segments = append(segments, "*", "?", "%2e%2e", "%2F", "a%2Fb", "%61", "%", "", ".", "..", "a.", "{x}", "$default", "a%20b", "%252e", "é", ":")
	}
	path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(segments), 0, 6).Draw(t, "path"), "/")
	if rapid.IntRange(0, 9).Draw(t, "slash") == 0 {
		path += "/"
	}
	return path
}

// Of any service, to any caller, the coverage allows no request that the routes
// do not, and none that they do allow is denied on a route without a warning,
// unless it is spelled in an odd way.
func TestCoverageIsRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, onHTTP := drawService(t), rapid.Bool().Draw(t, "HTTP")
		s.Cache.Seconds = 1
		held := apikey.NewPermissions(drawPermissions(t, "held")...)
		coverage := apikey.NewReach(s, onHTTP).Of(held)
		warned := map[string]bool{}
		for _, w := range s.Warnings() {
			warned[w.Route] = true
		}
		for range 30 {
			method, path := rapid.SampledFrom([]string{"GET", "POST", "PUT", "OPTIONS", "TRACE"}).Draw(t, "asked"), drawPath(t)
			right, got := decide(s, onHTTP, held, method, path), allows(coverage, method+path)
			switch {
			case got && !right.open:
				t.Fatalf("%s %s is allowed to %v: %+v", method, path, held, coverage)
			case coverage.Whole && right.plain && right.route != nil && !right.open:
				t.Fatalf("%s %s is not open to %v, of %+v", method, path, held, coverage)
			case !got && right.open && right.route != nil && right.plain && !odd(path):
				if name := right.route.Method + " " + right.route.Path; !warned[name] {
					t.Fatalf("%s %s is denied to %v without a warning about %s: %+v", method, path, held, name, coverage)
				}
			}
		}
	})
}

// What a policy says is never more than one of a handful of forms for the
// services that people write, and exact.
func TestCoverages(t *testing.T) {
	files := []apikey.Route{
		{Method: "GET", Path: "/files", Permissions: []string{"P"}}, {Method: "POST", Path: "/files", Permissions: []string{"Q"}},
		{Method: "GET", Path: "/files/{id}", Permissions: []string{"P"}}, {Method: "GET", Path: "/files/admin", Permissions: []string{"Q"}},
		{Method: "GET", Path: "/health"},
	}
	odd := " *%* *//* */./* */../* */. */.. */*/"
	every := "DELETE/* GET/* HEAD/* OPTIONS/* PATCH/* POST/* PUT/*"
	for _, test := range []struct {
		about    string
		routes   []apikey.Route
		unlisted apikey.Unlisted
		held     string
		want     string
	}{
		{"literals only", files, "", "", "GET/health !"},
		{"a parameter, a forbidden sibling, what is deeper", files, "", "P",
			"GET/files GET/files/* GET/health ! GET/files/*/* GET/files/admin" + odd},
		{"all of it", files, "", "P Q", "GET/files GET/files/* GET/health POST/files ! GET/files/*/*" + odd},
		{"unlisted, some", files, apikey.AuthenticateUnlisted, "Q", every + " ! GET/files GET/files/*" + odd},
		{"unlisted, all", files, apikey.AuthenticateUnlisted, "P Q", every + " !"},
		{"a greedy one takes the rest", []apikey.Route{{Method: "GET", Path: "/{id}"}, {Method: "GET", Path: "/{rest+}"}}, "", "", "GET/* ! GET/" + odd},
		{"nothing", []apikey.Route{{Method: "GET", Path: "/{id}", Permissions: []string{"P"}}}, "", "Q", "!"},
	} {
		c := apikey.NewReach(apikey.Service{Routes: test.routes, Unlisted: test.unlisted}, false).Of(apikey.NewPermissions(strings.Fields(test.held)...))
		if got := strings.Join(slices.Concat(c.Allow, []string{"!"}, c.Deny), " "); got != test.want {
			t.Errorf("%s: got  %s\nwant %s", test.about, got, fmt.Sprint(test.want))
		}
	}
}

// What a greedy route takes for certain is not denied because of a parameter
// beside it; what it only may take is.
func TestSpreadBesideGreedy(t *testing.T) {
	s := apikey.Service{Routes: []apikey.Route{{Method: "GET", Path: "/{x}/b/b/c"}, {Method: "GET", Path: "/{x}/{y}/b/{z+}"}, {Method: "GET", Path: "/a/{x}"}, {Method: "GET", Path: "/a/{z+}"}}}
	coverage := apikey.NewReach(s, false).Of(nil)
	for path, want := range map[string]bool{"/1/b/b/c": true, "/1/2/b/c": true, "/1/2/3/b/b/c": false, "/a/1": true, "/a/1/2/3": true} {
		if got := allows(coverage, "GET"+path); got != want || got && !decide(s, false, nil, "GET", path).open {
			t.Errorf("%s is allowed: %t, %+v", path, got, coverage)
		}
	}
}
