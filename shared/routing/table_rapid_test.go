package routing_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/routing"
)

// matched finds a route as a REST API does, in the simplest way: of the method's
// routes whose expression matches, it returns the most specific.
func matched(routes []routing.Route, method, path string) *routing.Route {
	expressions := strings.NewReplacer("{x}", "[^/]+", "{y}", "[^/]+", "{z+}", "[^/].*")
	ranks := strings.NewReplacer("{x}", "1", "{y}", "1", "{z+}", "2", "a", "0", "b", "0")
	var chosen *routing.Route
	for i := range routes {
		route := &routes[i]
		if route.Path[0] != '/' || route.Method != method && route.Method != routing.AnyMethod {
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

// A plain path has the route that a REST API gives it. If the most specific
// template does not have the method, a less specific one gets the request. Slashes
// around the path are ignored.
func TestMatchIsTheGateways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		routes := drawService(t).Routes
		// Two templates that differ in a parameter's name cannot stand in one API.
		routes = slices.DeleteFunc(routes, func(r routing.Route) bool { return strings.Contains(r.Path, "{y}") })
		table := routing.NewTable(routes)
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
