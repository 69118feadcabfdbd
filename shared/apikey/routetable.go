package apikey

import (
	"net/url"
	"slices"
	"strings"
)

// AnyMethod is the method of a route that takes every method.
const AnyMethod = "ANY"

// Methods are the HTTP methods that API Gateway knows.
func Methods() []string {
	return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
}

// RouteTable finds the route that a request belongs to. It is safe for
// concurrent use.
type RouteTable struct {
	byName    map[routeName]*Route
	templates []template
}

type routeName struct{ method, path string }

// NewRouteTable makes a table of routes, which must not be changed.
func NewRouteTable(routes []Route) *RouteTable {
	t := &RouteTable{byName: make(map[routeName]*Route, len(routes))}
	var paths []string
	for i := range routes {
		route := &routes[i]
		t.byName[routeName{route.Method, route.Path}] = route
		if strings.HasPrefix(route.Path, "/") {
			paths = append(paths, route.Path)
		}
	}
	t.templates = newTemplates(paths)
	return t
}

// Route is the route of a method on a template: that of the method itself, or
// else of any; nil where there is none.
func (t *RouteTable) Route(method, template string) *Route {
	if template == "" || method == "" {
		return nil
	}
	if route := t.byName[routeName{method, template}]; route != nil {
		return route
	}
	return t.byName[routeName{AnyMethod, template}]
}

// Match finds the route of a request to a REST API, as the gateway does: that of
// the most specific template which fits the path and has the method. A slash at
// the end, and more than one at the beginning, count for nothing. The gateway may
// undo percent-encoding before it chooses, or not: where that makes a difference,
// there is no route, and the path is not plain. Nor is one with a dot segment or
// with an empty one inside.
func (t *RouteTable) Match(method, path string) (route *Route, plain bool) {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return nil, false
	}
	route, plain = t.match(method, path)
	if decoded == path {
		return route, plain
	}
	other, plainToo := t.match(method, decoded)
	if route != other || !plainToo {
		return nil, false
	}
	return route, plain
}

func (t *RouteTable) match(method, path string) (route *Route, plain bool) {
	rest := strings.Trim(path, "/")
	segments := strings.Split(rest, "/")
	odd := func(s string) bool { return s == "" || s == "." || s == ".." }
	if !strings.HasPrefix(path, "/") || rest != "" && slices.ContainsFunc(segments, odd) {
		return nil, false
	}
	for _, candidate := range t.templates {
		if !candidate.fits(segments) {
			continue
		}
		if route := t.Route(method, candidate.path); route != nil {
			return route, true
		}
	}
	return nil, true
}
