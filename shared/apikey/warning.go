package apikey

import (
	"fmt"
	"slices"
	"strings"
)

// Warning says what a service's [GatewayCache] costs it.
type Warning struct {
	// Route is the route that it is about, as "GET /v1/files/{id}"; empty for one
	// about all of them.
	Route string
	// Detail is for people.
	Detail string
}

// Warnings says what may be refused although it should be open, because the
// gateways of the service's APIs keep answers. A route without a warning of its
// own is decided as if they did not.
func (s Service) Warnings() []Warning {
	if !s.Cache.Keeps() {
		return nil
	}
	all := []Warning{{Detail: fmt.Sprintf("Access tokens are refused, and keys that expire within %d seconds.", s.Cache.Seconds)}}
	if !s.Cache.Has(BySource) {
		all = append(all, Warning{Detail: "Keys with allowIps are refused: answers are not kept by source."})
	}
	if !s.Cache.Has(ByHost) {
		all = append(all, Warning{Detail: "Where Keyward is deployed with a domain, all keys are refused: answers are not kept by host."})
	}
	if s.Cache.Has(ByRoute) {
		return append(all, Warning{Detail: "A TOKEN authorizer keeps answers by the credential alone, as if route, source and host were not there. Use REQUEST."})
	}
	all = append(all,
		Warning{Detail: "A simple response is a yes only to a caller who may use every route, and where no unlisted request is to be refused."},
		Warning{Detail: "Unless a caller may use all of an API, paths with '%', with empty or dot segments or with a slash at the end are refused behind a {parameter}."})
	onREST, onHTTP := NewReach(s, false).spoilers(), NewReach(s, true).spoilers()
	for _, route := range s.Routes {
		name := route.Method + " " + route.Path
		spoilers := slices.Concat(onREST[name], onHTTP[name])
		slices.Sort(spoilers)
		if spoilers = slices.Compact(spoilers); len(spoilers) > 0 {
			all = append(all, Warning{name, explain(spoilers)})
		}
	}
	return all
}

// named is how many routes a warning names.
const named = 3

func explain(spoilers []string) string {
	more := ""
	if len(spoilers) > named {
		more = fmt.Sprintf(" and %d more", len(spoilers)-named)
		spoilers = spoilers[:named]
	}
	return "May be refused although it is open: a kept answer cannot tell all of its requests from those of, or beside, " +
		strings.Join(spoilers, ", ") + more + ". Keep answers by route to have it exact."
}

// spoilers are, for each route of which a kept answer may deny open requests,
// those because of which it does.
func (r *Reach) spoilers() map[string][]string {
	var paths []string
	for _, route := range r.routes {
		paths = append(paths, route.Path)
	}
	relations, all := relate(newTemplates(paths)), map[string][]string{}
	for _, method := range Methods() {
		for i, t := range relations {
			route := r.place(method, t.path)
			if route == noRoute {
				continue
			}
			name := r.routes[route].Method + " " + t.path
			for k, other := range relations {
				if r.spoils(method, relations, k, i) {
					all[name] = append(all[name], method+" "+other.path)
				}
			}
		}
	}
	return all
}

// spoils reports whether a kept answer may deny requests of a method on template
// i because of those on template k.
func (r *Reach) spoils(method string, relations []relation, k, i int) bool {
	route, other := r.place(method, relations[i].path), r.place(method, relations[k].path)
	if other != noRoute && !r.unlisted && slices.ContainsFunc(relations[k].spreads, func(s spread) bool {
		return s.resourceMeets(relations[i].template) && !r.spared(method, relations, s, route, other)
	}) {
		return true
	}
	if k == i || !r.excluded(method, relations, k, route, other) {
		return false
	}
	// Below a template without the method an HTTP API goes on to the next one.
	passed := other == noRoute && k < i && relations[k].overlaps(relations[i].template)
	return passed || relations[i].fits([]string{""}) && relations[k].takesRoot() || k > i && relations[k].overlaps(relations[i].template) ||
		slices.ContainsFunc(relations[k].spreads, func(s spread) bool { return s.resourceMeets(relations[i].template) })
}

// spared reports whether the spread is never denied to a caller to whom both
// routes are open, because one of its takers is open too.
func (r *Reach) spared(method string, relations []relation, s spread, route, other int) bool {
	return slices.ContainsFunc(s.takers, func(j int) bool {
		taker := r.place(method, relations[j].path)
		return taker != noRoute && (!r.apart(route, taker) || !r.apart(other, taker))
	})
}

// excluded reports whether requests on template k are ever denied to a caller to
// whom the route is open.
func (r *Reach) excluded(method string, relations []relation, k, route, other int) bool {
	if r.unlisted {
		return other != noRoute && r.apart(route, other)
	}
	return (other == noRoute || r.apart(route, other)) && slices.ContainsFunc(relations[k].lesser, func(j int) bool {
		return r.place(method, relations[j].path) != noRoute
	})
}

// apart reports whether a caller can be allowed the first route and not the
// second.
func (r *Reach) apart(first, second int) bool {
	if r.routes[first].OpenTo(nil) {
		return !r.routes[second].OpenTo(nil)
	}
	return slices.ContainsFunc(r.routes[first].Permissions, func(name string) bool {
		return !r.routes[second].OpenTo(Permissions{name})
	})
}
