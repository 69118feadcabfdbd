package apikey

import (
	"slices"
	"strings"
)

// Reach says of a service's whole API what a caller may use of it, as a policy
// that a gateway keeps must: in resources to allow and resources to deny. What
// they allow is a part of what the routes allow one by one. It is that whole
// where resources can tell the routes apart; elsewhere they deny.
//
// It is safe for concurrent use.
type Reach struct {
	// routes are those of the service that have requests of their own, and
	// places where each is among them.
	routes []Route
	places map[routeName]int
	// relations are those of the routes' templates, in order.
	relations []relation
	// unlisted is whether requests that fit no route are open.
	unlisted bool
	// everything is all requests, of the methods that are known: a route of ANY
	// method, where it is denied, is denied for these.
	everything []string
	// complete is whether every request fits a route, or is open without one.
	complete    bool
	allow, deny []candidate
}

// candidate is a resource that stands in a policy for some callers.
type candidate struct {
	resource string
	// route is the one whose resource it is; noRoute where a method has none on
	// a template that has others.
	route int
	when  occasion
	// others are routes of which it depends whether the resource counts.
	others []int
}

// occasion is when a resource counts.
type occasion int

const (
	// whenOpen is where the route is open: to allow it.
	whenOpen occasion = iota
	// whenClosed is where the route is not open: to deny it.
	whenClosed
	// whenReached is where the route is not open and one of others is, whose own
	// resource takes the route's requests: to deny them.
	whenReached
	// whenSpread is where the route is open and none of others is, whose own the
	// requests in the resource would be: to deny these.
	whenSpread
)

const noRoute = -1

// NewReach makes the reach of a service. On an HTTP API the service's [Default]
// route takes what no other takes; other APIs have no such route.
func NewReach(s Service, onHTTP bool) *Reach {
	r := &Reach{unlisted: s.Unlisted == AuthenticateUnlisted, places: map[routeName]int{}}
	if onHTTP {
		r.everything = []string{Default}
	}
	for _, method := range Methods() {
		r.everything = append(r.everything, method+"/*")
	}
	var paths []string
	for _, route := range s.Routes {
		if !strings.HasPrefix(route.Path, "/") && (route.Path != Default || !onHTTP) {
			continue
		}
		r.places[routeName{route.Method, route.Path}] = len(r.routes)
		r.routes, paths = append(r.routes, route), append(paths, route.Path)
	}
	r.complete = r.unlisted || r.takesAll()
	r.relations = relate(newTemplates(paths))
	for _, method := range Methods() {
		r.add(method)
		r.addRoot(method)
	}
	r.addDefault()
	for _, list := range [][]candidate{r.allow, r.deny} {
		slices.SortStableFunc(list, func(a, b candidate) int { return strings.Compare(a.resource, b.resource) })
	}
	return r
}

// takesAll reports whether every request fits a route.
func (r *Reach) takesAll() bool {
	rest := slices.ContainsFunc(r.routes, func(route Route) bool {
		t := newTemplate(route.Path)
		return route.Method == AnyMethod && len(t.segments) == 1 && t.last() == greedy
	})
	return r.place(AnyMethod, Default) != noRoute || rest && r.place(AnyMethod, "/") != noRoute
}

// add makes the candidates of a method.
func (r *Reach) add(method string) {
	routes := make([]int, len(r.relations))
	for i, t := range r.relations {
		routes[i] = r.place(method, t.path)
	}
	for i, t := range r.relations {
		resource := method + t.resource()
		lesser := pick(routes, t.lesser)
		switch listed := routes[i] != noRoute; {
		case listed && r.unlisted:
			r.deny = append(r.deny, candidate{resource, routes[i], whenClosed, nil})
		case !r.unlisted && len(lesser) > 0:
			r.deny = append(r.deny, candidate{resource, routes[i], whenReached, lesser})
		}
		if r.unlisted || routes[i] == noRoute {
			continue
		}
		r.allow = append(r.allow, candidate{resource, routes[i], whenOpen, nil})
		for _, s := range t.spreads {
			r.deny = append(r.deny, candidate{method + s.resource, routes[i], whenSpread, pick(routes, s.takers)})
		}
	}
}

// addRoot makes the candidate of the path "/" where no route names it: a * takes
// an empty text too.
func (r *Reach) addRoot(method string) {
	var others []int
	for _, t := range r.relations {
		if t.isRoot() {
			return
		}
		if route := r.place(method, t.path); t.takesRoot() && route != noRoute {
			others = append(others, route)
		}
	}
	if len(others) > 0 && !r.unlisted {
		r.deny = append(r.deny, candidate{method + "/", r.place(method, Default), whenReached, others})
	}
}

// addDefault makes the candidates of the resource by which some requests of an
// HTTP API's [Default] route are named, whatever their method and path.
func (r *Reach) addDefault() {
	var routes []int
	for i, route := range r.routes {
		if route.Path == Default {
			routes = append(routes, i)
			r.deny = append(r.deny, candidate{Default, i, whenClosed, nil})
		}
	}
	if len(routes) == 1 && r.routes[routes[0]].Method == AnyMethod && !r.unlisted {
		r.allow = append(r.allow, candidate{Default, routes[0], whenOpen, nil})
	}
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

// place is where the route of a method on a template is, as [RouteTable.Route]
// finds it.
func (r *Reach) place(method, path string) int {
	if i, ok := r.places[routeName{method, path}]; ok {
		return i
	}
	if i, ok := r.places[routeName{AnyMethod, path}]; ok {
		return i
	}
	return noRoute
}
