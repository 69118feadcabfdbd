package routing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// takes implements IAM's wildcards in the simplest way: * matches any text, ?
// any single character.
func takes(resource, text string) bool {
	switch {
	case resource == "":
		return text == ""
	case resource[0] == '*':
		return takes(resource[1:], text) || text != "" && takes(resource, text[1:])
	}
	return text != "" && (resource[0] == '?' || resource[0] == text[0]) && takes(resource[1:], text[1:])
}

// allows reports whether IAM allows a request under a policy with these resources.
func allows(c routing.PolicyResources, request string) bool {
	by := func(resource string) bool { return takes(resource, request) }
	return slices.ContainsFunc(c.Allow, by) && !slices.ContainsFunc(c.Deny, by)
}

// service is what routing needs to know of one.
type service struct {
	Routes   []routing.Route
	Unlisted routing.Unlisted
	Cache    routing.GatewayCache
}

func (s service) compiler(onHTTP bool) *routing.PolicyCompiler {
	return routing.NewPolicyCompiler(s.Routes, s.Unlisted, onHTTP)
}

func (s service) warnings() []routing.Warning {
	return routing.Analyze(s.Routes, s.Unlisted).Warnings(s.Cache)
}

// truth is the correct decision for a single request, and its route.
type truth struct {
	open  bool
	route *routing.Route
	plain bool
}

// decide returns the correct decision. It is that of the most specific template
// that matches and has the method; on an HTTP API without one, that of the
// catch-all. An unknown method has no route. A REST API ignores a slash at the
// end and a second one at the beginning; what an HTTP API does with them is
// unknown.
func decide(s service, onHTTP bool, held permission.Set, method, path string) truth {
	table := routing.NewTable(s.Routes)
	route, plain := table.Match(method, path)
	if onHTTP && path != "/" && path != "/"+strings.Trim(path, "/") {
		route, plain = nil, false
	}
	if route == nil && plain && onHTTP {
		route = table.Route(method, routing.Default)
	}
	if !slices.Contains(routing.Methods(), method) {
		return truth{false, nil, plain}
	}
	unlisted := s.Unlisted == routing.AuthenticateUnlisted
	if route == nil && method == "HEAD" && unlisted {
		return decide(s, onHTTP, held, "GET", path)
	}
	switch {
	case route != nil:
		return truth{route.OpenTo(held), route, plain}
	case plain || !unlisted:
		return truth{unlisted, nil, plain}
	}
	all := !slices.ContainsFunc(s.Routes, func(r routing.Route) bool {
		return (r.Path != routing.Default || onHTTP) && r.Path != routing.Connect && !r.OpenTo(held)
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

func drawService(t *rapid.T) service {
	s := service{Unlisted: rapid.SampledFrom([]routing.Unlisted{"", routing.RefuseUnlisted, routing.AuthenticateUnlisted}).Draw(t, "unlisted")}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 7).Draw(t, "routes") {
		path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "a", "b", "{x}", "{x}", "{y}"}), 1, 4).Draw(t, "segments"), "/")
		switch rapid.IntRange(0, 9).Draw(t, "end") {
		case 0:
			path = routing.Default
		case 1:
			path = routing.Connect
		case 2:
			path = "/"
		case 3, 4:
			path += "/{z+}"
		case 5:
			path = "/{z+}"
		}
		method := rapid.SampledFrom([]string{"GET", "GET", "HEAD", "POST", routing.AnyMethod}).Draw(t, "method")
		if !seen[method+path] {
			s.Routes = append(s.Routes, routing.Route{Method: method, Path: path, Permissions: drawPermissions(t, "needs")})
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

// For any service and any caller, the compiled policy allows no request that the
// routes do not. A request that they allow is denied only on a route with a
// warning, or if it is spelled in an odd way.
func TestPoliciesAreRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, onHTTP := drawService(t), rapid.Bool().Draw(t, "HTTP")
		s.Cache.Seconds = 1
		held := permission.NewSet(drawPermissions(t, "held")...)
		resources := s.compiler(onHTTP).Compile(held)
		warned := map[string]bool{}
		for _, w := range s.warnings() {
			warned[w.Route] = true
		}
		for range 30 {
			method, path := rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"}).Draw(t, "asked"), drawPath(t)
			right, got := decide(s, onHTTP, held, method, path), allows(resources, method+path)
			switch {
			case got && !right.open:
				t.Fatalf("%s %s is allowed to %v: %+v", method, path, held, resources)
			case resources.AllOpen && right.plain && right.route != nil && !right.open:
				t.Fatalf("%s %s is not open to %v, of %+v", method, path, held, resources)
			case !got && right.open && right.route != nil && right.plain && !odd(path):
				if name := right.route.Method + " " + right.route.Path; !warned[name] {
					t.Fatalf("%s %s is denied to %v without a warning about %s: %+v", method, path, held, name, resources)
				}
			}
		}
	})
}

// For the services that people write, the policy has one of a few forms, and is
// exact.
func TestPolicies(t *testing.T) {
	files := []routing.Route{
		{Method: "GET", Path: "/files", Permissions: []string{"P"}}, {Method: "POST", Path: "/files", Permissions: []string{"Q"}},
		{Method: "GET", Path: "/files/{id}", Permissions: []string{"P"}}, {Method: "GET", Path: "/files/admin", Permissions: []string{"Q"}},
		{Method: "GET", Path: "/health"},
	}
	odd := " *%* *//* */./* */../* */. */.. */*/"
	every := "DELETE/* GET/* HEAD/* OPTIONS/* PATCH/* POST/* PUT/*"
	for _, test := range []struct {
		about    string
		routes   []routing.Route
		unlisted routing.Unlisted
		held     string
		want     string
	}{
		{"literals only", files, "", "", "GET/health !"},
		{"a parameter, a forbidden sibling, what is deeper", files, "", "P",
			"GET/files GET/files/* GET/health ! GET/files/*/* GET/files/admin" + odd},
		{"all of it", files, "", "P Q", "GET/files GET/files/* GET/health POST/files ! GET/files/*/*" + odd},
		{"unlisted, some", files, routing.AuthenticateUnlisted, "Q", every + " ! GET/files GET/files/* HEAD/files HEAD/files/*" + odd},
		{"unlisted, all", files, routing.AuthenticateUnlisted, "P Q", every + " !"},
		{"a greedy one takes the rest", []routing.Route{{Method: "GET", Path: "/{id}"}, {Method: "GET", Path: "/{rest+}"}}, "", "", "GET/* ! GET/" + odd},
		{"nothing", []routing.Route{{Method: "GET", Path: "/{id}", Permissions: []string{"P"}}}, "", "Q", "!"},
	} {
		c := routing.NewPolicyCompiler(test.routes, test.unlisted, false).Compile(permission.NewSet(strings.Fields(test.held)...))
		if got := strings.Join(slices.Concat(c.Allow, []string{"!"}, c.Deny), " "); got != test.want {
			t.Errorf("%s: got  %s\nwant %s", test.about, got, fmt.Sprint(test.want))
		}
	}
}

// What a greedy route certainly matches is not denied because of a parameter
// beside it. What it may match is.
func TestOvermatchBesideGreedy(t *testing.T) {
	s := service{Routes: []routing.Route{{Method: "GET", Path: "/{x}/b/b/c"}, {Method: "GET", Path: "/{x}/{y}/b/{z+}"}, {Method: "GET", Path: "/a/{x}"}, {Method: "GET", Path: "/a/{z+}"}}}
	resources := s.compiler(false).Compile(nil)
	for path, want := range map[string]bool{"/1/b/b/c": true, "/1/2/b/c": true, "/1/2/3/b/b/c": false, "/a/1": true, "/a/1/2/3": true} {
		if got := allows(resources, "GET"+path); got != want || got && !decide(s, false, nil, "GET", path).open {
			t.Errorf("%s is allowed: %t, %+v", path, got, resources)
		}
	}
}
