package routing

import (
	"net/http"
	"slices"
	"strings"
)

// layout holds the routes of a service on HTTP APIs, or on the other APIs, which have
// no $default route.
type layout struct {
	// routes are those that such an API can have. index finds one by its name.
	routes []Route
	index  map[routeName]int
	// compared are the templates of the routes, sorted; nil until they are
	// compared.
	compared []comparedTemplate
	// unlisted is whether requests that match no route are allowed.
	unlisted bool
}

const noRoute = -1

// newLayout returns the layout of a service's routes, without comparing them.
func newLayout(routes []Route, unlisted Unlisted, onHTTP bool) layout {
	l := layout{index: map[routeName]int{}, unlisted: unlisted == AuthenticateUnlisted}
	for _, route := range routes {
		if strings.HasPrefix(route.Path, "/") || route.Path == Default && onHTTP {
			l.index[routeName{route.Method, route.Path}] = len(l.routes)
			l.routes = append(l.routes, route)
		}
	}
	return l
}

// templates returns the templates of the routes, sorted.
func (l layout) templates() []template {
	var paths []string
	for _, route := range l.routes {
		paths = append(paths, route.Path)
	}
	return newTemplates(paths)
}

// matchesAll reports whether every request matches a route.
func (l layout) matchesAll() bool {
	rest := slices.ContainsFunc(l.routes, func(route Route) bool {
		t := newTemplate(route.Path)
		return route.Method == AnyMethod && len(t.segments) == 1 && t.last() == greedy
	})
	return l.find(AnyMethod, Default) != noRoute || rest && l.find(AnyMethod, "/") != noRoute
}

// find returns the index of the route that [Table.Route] finds under a template's own
// name, or [noRoute]. If unlisted requests are allowed, an unlisted HEAD has the
// route of its GET: see [AuthenticateUnlisted].
func (l layout) find(method, path string) int {
	if i, ok := l.index[routeName{method, path}]; ok {
		return i
	}
	if i, ok := l.index[routeName{AnyMethod, path}]; ok {
		return i
	}
	if method == http.MethodHead && l.unlisted {
		return l.find(http.MethodGet, path)
	}
	return noRoute
}

// borrows reports whether a route that [layout.find] found for the method is the
// GET route for an unlisted HEAD.
func (l layout) borrows(method string, route int) bool {
	return method == http.MethodHead && route != noRoute && l.routes[route].Method == http.MethodGet
}

// byTemplate returns the index of the method's route for each template, or
// [noRoute].
func (l layout) byTemplate(method string) []int {
	routes := make([]int, len(l.compared))
	for i, t := range l.compared {
		routes[i] = l.find(method, t.path)
	}
	return routes
}

// pick returns the routes of these templates, without [noRoute].
func pick(routes, templates []int) []int {
	var picked []int
	for _, i := range templates {
		if routes[i] != noRoute {
			picked = append(picked, routes[i])
		}
	}
	return picked
}
