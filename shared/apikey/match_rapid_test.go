package apikey_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
)

// matched is how a REST API finds a route, in the plainest way: every route of the
// method whose expression fits is there to be chosen, and the most specific is.
func matched(routes []apikey.Route, method, path string) *apikey.Route {
	expressions := strings.NewReplacer("{x}", "[^/]+", "{y}", "[^/]+", "{z+}", "[^/].*")
	ranks := strings.NewReplacer("{x}", "1", "{y}", "1", "{z+}", "2", "a", "0", "b", "0")
	var chosen *apikey.Route
	for i := range routes {
		route := &routes[i]
		if route.Path[0] != '/' || route.Method != method && route.Method != apikey.AnyMethod {
			continue
		}
		fits := regexp.MustCompile("^/*" + expressions.Replace(route.Path[1:]) + "/*$")
		if !fits.MatchString(path) {
			continue
		}
		if chosen == nil || ranks.Replace(route.Path) < ranks.Replace(chosen.Path) || route.Path == chosen.Path && route.Method == method {
			chosen = route
		}
	}
	return chosen
}

// A plain path has the route that a REST API gives it: a method that a more
// specific template lacks falls to a less specific one, and slashes around the
// path count for nothing.
func TestMatchIsTheGateways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		routes := drawService(t).Routes
		// Two templates that differ in a parameter's name cannot stand in one API.
		routes = slices.DeleteFunc(routes, func(r apikey.Route) bool { return strings.Contains(r.Path, "{y}") })
		table := apikey.NewRouteTable(routes)
		for range 20 {
			method, path := rapid.SampledFrom([]string{"GET", "POST", "PUT"}).Draw(t, "method"), drawPath(t)
			path = rapid.SampledFrom([]string{"", "", "/", "//"}).Draw(t, "before") + path + rapid.SampledFrom([]string{"", "", "/", "//"}).Draw(t, "after")
			route, plain := table.Match(method, path)
			if !plain {
				if inside := strings.Trim(path, "/"); route != nil || !strings.Contains(path, "%") && !strings.Contains(inside, "//") && !strings.Contains(path, "/.") {
					t.Fatalf("%s is not plain, and has %v", path, route)
				}
				continue
			}
			if want := matched(routes, method, path); !strings.Contains(path, "%") && route != want {
				t.Fatalf("%s %s: %v, want %v, of %v", method, path, route, want, routes)
			}
		}
	})
}
