package apikey

import (
	"slices"
	"strings"
)

// candidates are the resources that can stand in a policy, in order.
type candidates struct{ allow, deny []candidate }

// candidate is a resource that stands in a policy for some callers.
type candidate struct {
	resource string
	// route is the one whose resource it is; noRoute for that of a path "/" which
	// no route takes.
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

// candidates makes the candidates of a layout that has its relations.
func (l layout) candidates() candidates {
	var c candidates
	for _, method := range Methods() {
		c.add(l, method)
		c.addRoot(l, method)
	}
	c.addDefault(l)
	for _, list := range [][]candidate{c.allow, c.deny} {
		slices.SortStableFunc(list, func(a, b candidate) int { return strings.Compare(a.resource, b.resource) })
	}
	return c
}

// add makes the candidates of a method. A template without a route of the method
// takes none of its requests.
func (c *candidates) add(l layout, method string) {
	routes := l.of(method)
	for i, t := range l.relations {
		if routes[i] == noRoute {
			continue
		}
		resource := method + t.resource()
		if l.unlisted {
			c.deny = append(c.deny, candidate{resource, routes[i], whenClosed, nil})
			continue
		}
		if lesser := pick(routes, t.lesser); len(lesser) > 0 {
			c.deny = append(c.deny, candidate{resource, routes[i], whenReached, lesser})
		}
		c.allow = append(c.allow, candidate{resource, routes[i], whenOpen, nil})
		for _, s := range t.spreads {
			c.deny = append(c.deny, candidate{method + s.resource, routes[i], whenSpread, pick(routes, s.takers)})
		}
	}
}

// addRoot makes the candidate of the path "/" where no route of the method names
// it: a * takes an empty text too.
func (c *candidates) addRoot(l layout, method string) {
	if l.unlisted || l.place(method, "/") != noRoute {
		return
	}
	var others []int
	for _, t := range l.relations {
		if route := l.place(method, t.path); t.takesRoot() && route != noRoute {
			others = append(others, route)
		}
	}
	if len(others) > 0 {
		c.deny = append(c.deny, candidate{method + "/", l.place(method, Default), whenReached, others})
	}
}

// addDefault makes the candidates of the resource by which some requests of an
// HTTP API's [Default] route are named, whatever their method and path.
func (c *candidates) addDefault(l layout) {
	var routes []int
	for i, route := range l.routes {
		if route.Path == Default {
			routes = append(routes, i)
			c.deny = append(c.deny, candidate{Default, i, whenClosed, nil})
		}
	}
	if len(routes) == 1 && l.routes[routes[0]].Method == AnyMethod && !l.unlisted {
		c.allow = append(c.allow, candidate{Default, routes[0], whenOpen, nil})
	}
}

// counts reports whether the candidate is in the policy of a caller to whom those
// routes are open.
func (c candidate) counts(open []bool) bool {
	is := func(route int) bool { return open[route] }
	own := c.route != noRoute && open[c.route]
	switch c.when {
	case whenOpen:
		return own
	case whenClosed:
		return !own
	case whenReached:
		return !own && slices.ContainsFunc(c.others, is)
	}
	return own && !slices.ContainsFunc(c.others, is)
}
