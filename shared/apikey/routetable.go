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

// Template chooses the most specific template that fits a path; empty where none
// does. The gateway may undo percent-encoding before it chooses, or not: where
// that makes a difference, no template fits, and the path is not plain. Nor is
// one with an empty or a dot segment.
func (t *RouteTable) Template(path string) (template string, plain bool) {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return "", false
	}
	template, plain = t.match(path)
	if decoded == path {
		return template, plain
	}
	other, plainToo := t.match(decoded)
	if template != other || !plainToo {
		return "", false
	}
	return template, plain
}

func (t *RouteTable) match(path string) (template string, plain bool) {
	rest, rooted := strings.CutPrefix(path, "/")
	segments := strings.Split(rest, "/")
	odd := func(s string) bool { return s == "" || s == "." || s == ".." }
	if !rooted || rest != "" && slices.ContainsFunc(segments, odd) {
		return "", false
	}
	for _, candidate := range t.templates {
		if candidate.fits(segments) {
			return candidate.path, true
		}
	}
	return "", true
}
