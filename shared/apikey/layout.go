package apikey

import (
	"slices"
	"strings"
)

// layout is the routes of a service as one kind of API has them.
type layout struct {
	// routes are those that have requests of their own, and places where each is
	// among them.
	routes []Route
	places map[routeName]int
	// relations are those of the routes' templates, in order; nil until they are
	// needed.
	relations []relation
	// unlisted is whether requests that fit no route are open.
	unlisted bool
}

const noRoute = -1

// newLayout lays out a service's routes. On an HTTP API the service's [Default]
// route takes what no other takes; other APIs have no such route.
func newLayout(s Service, onHTTP bool) layout {
	l := layout{places: map[routeName]int{}, unlisted: s.Unlisted == AuthenticateUnlisted}
	for _, route := range s.Routes {
		if strings.HasPrefix(route.Path, "/") || route.Path == Default && onHTTP {
			l.places[routeName{route.Method, route.Path}] = len(l.routes)
			l.routes = append(l.routes, route)
		}
	}
	return l
}

// layouts are those of all kinds of API that differ for a service, with their
// relations: the last is an HTTP API's. Where w is spent they are not whole.
func (s Service) layouts(w *work) []layout {
	all := []layout{newLayout(s, true)}
	if slices.ContainsFunc(s.Routes, func(r Route) bool { return r.Path == Default }) {
		all = []layout{newLayout(s, false), all[0]}
	}
	for i := range all {
		all[i].relations = relate(all[i].templates(), w)
	}
	return all
}

// templates are the routes', in order.
func (l layout) templates() []template {
	var paths []string
	for _, route := range l.routes {
		paths = append(paths, route.Path)
	}
	return newTemplates(paths)
}

// takesAll reports whether every request fits a route.
func (l layout) takesAll() bool {
	rest := slices.ContainsFunc(l.routes, func(route Route) bool {
		t := newTemplate(route.Path)
		return route.Method == AnyMethod && len(t.segments) == 1 && t.last() == greedy
	})
	return l.place(AnyMethod, Default) != noRoute || rest && l.place(AnyMethod, "/") != noRoute
}

// place is where the route of a method on a template is, as [RouteTable.Route]
// finds it.
func (l layout) place(method, path string) int {
	if i, ok := l.places[routeName{method, path}]; ok {
		return i
	}
	if i, ok := l.places[routeName{AnyMethod, path}]; ok {
		return i
	}
	return noRoute
}

// of are the places of a method's routes on all templates.
func (l layout) of(method string) []int {
	routes := make([]int, len(l.relations))
	for i, t := range l.relations {
		routes[i] = l.place(method, t.path)
	}
	return routes
}

// pick are the routes that stand at those places.
func pick(routes, places []int) []int {
	var picked []int
	for _, i := range places {
		if routes[i] != noRoute {
			picked = append(picked, routes[i])
		}
	}
	return picked
}
