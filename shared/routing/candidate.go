package routing

import (
	"slices"
	"strings"
)

// candidates are the patterns that a policy can hold, sorted.
type candidates struct{ allow, deny []candidate }

// candidate is a pattern that some callers' policies hold.
type candidate struct {
	resource string
	// route is the route that the pattern is for. It is noRoute for the path "/"
	// if no route matches that.
	route int
	when  condition
	// others are further routes that the condition depends on.
	others []int
}

// condition is when a policy holds a candidate.
type condition int

const (
	// whenOpen allows the route if it is open to the caller.
	whenOpen condition = iota
	// whenClosed denies the route if it is not open.
	whenClosed
	// whenReached denies a closed route if the pattern of an open route in others
	// would allow it.
	whenReached
	// whenOvermatched denies the paths that the route's pattern matches but its
	// template does not, if the route is open and no route in others is. Requests
	// to these paths belong to the routes in others.
	whenOvermatched
)

// candidates returns the candidates of a layout whose templates are compared.
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

// add adds the candidates of a method. It leaves out templates that have no route
// for the method, since they match none of its requests.
func (c *candidates) add(l layout, method string) {
	routes := l.byTemplate(method)
	for i, t := range l.compared {
		if routes[i] == noRoute {
			continue
		}
		resource := method + t.resource()
		if l.unlisted {
			c.deny = append(c.deny, candidate{resource, routes[i], whenClosed, nil})
			continue
		}
		if others := pick(routes, t.overlapping); len(others) > 0 {
			c.deny = append(c.deny, candidate{resource, routes[i], whenReached, others})
		}
		c.allow = append(c.allow, candidate{resource, routes[i], whenOpen, nil})
		for _, o := range t.overmatches {
			c.deny = append(c.deny, candidate{method + o.resource, routes[i], whenOvermatched, pick(routes, o.takers)})
		}
	}
}

// addRoot adds a candidate that denies the path "/" if the method has no route
// for it, because a * also matches an empty text.
func (c *candidates) addRoot(l layout, method string) {
	if l.unlisted || l.find(method, "/") != noRoute {
		return
	}
	var others []int
	for _, t := range l.compared {
		if route := l.find(method, t.path); t.overmatchesRoot() && route != noRoute {
			others = append(others, route)
		}
	}
	if len(others) > 0 {
		c.deny = append(c.deny, candidate{method + "/", l.find(method, Default), whenReached, others})
	}
}

// addDefault adds the candidates of $default. Some requests to an HTTP API's
// [Default] route have that as their resource, whatever their method and path.
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

// includedFor reports whether the policy of a caller to whom these routes are
// open holds the candidate.
func (c candidate) includedFor(open []bool) bool {
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
