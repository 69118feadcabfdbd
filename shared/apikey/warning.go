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
	all := []Warning{{Detail: fmt.Sprintf("Access tokens are refused, and keys that expire within %d seconds and one more.", s.Cache.Seconds)}}
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
	all := map[string][]string{}
	for _, method := range Methods() {
		m := r.ofMethod(method)
		for i, t := range r.relations {
			if m.routes[i] == noRoute {
				continue
			}
			name := r.routes[m.routes[i]].Method + " " + t.path
			for k, other := range r.relations {
				if m.spoils(k, i) {
					all[name] = append(all[name], method+" "+other.path)
				}
			}
		}
	}
	return all
}

// oneMethod is the part of a reach that requests of one method have.
type oneMethod struct {
	*Reach
	// routes are those of the templates, [noRoute] where there is none; reaching
	// is whether a template's requests are taken by the resource of a lesser route.
	routes   []int
	reaching []bool
}

func (r *Reach) ofMethod(method string) oneMethod {
	m := oneMethod{r, make([]int, len(r.relations)), make([]bool, len(r.relations))}
	for i, t := range r.relations {
		m.routes[i] = r.place(method, t.path)
	}
	for i, t := range r.relations {
		m.reaching[i] = len(pick(m.routes, t.lesser)) > 0
	}
	return m
}

// spoils reports whether a kept answer may deny requests on template i because of
// those on template k.
func (m oneMethod) spoils(k, i int) bool {
	one, other := m.relations[i], m.relations[k]
	if m.routes[k] != noRoute && !m.unlisted && slices.ContainsFunc(other.spreads, func(s spread) bool {
		return s.resourceMeets(one.template) && !m.spared(s, i, k)
	}) {
		return true
	}
	if k == i || !m.excluded(k, i) {
		return false
	}
	// Below a template without the method an HTTP API goes on to the next one.
	passed := m.routes[k] == noRoute && k < i && other.overlaps(one.template)
	return passed || one.fits([]string{""}) && other.takesRoot() || k > i && other.overlaps(one.template) ||
		slices.ContainsFunc(other.spreads, func(s spread) bool { return s.resourceMeets(one.template) })
}

// spared reports whether the spread of template k is never denied to a caller to
// whom both routes are open, because one of its takers is open too.
func (m oneMethod) spared(s spread, i, k int) bool {
	return slices.ContainsFunc(pick(m.routes, s.takers), func(taker int) bool {
		return !m.apart(m.routes[i], taker) || !m.apart(m.routes[k], taker)
	})
}

// excluded reports whether requests on template k are ever denied to a caller to
// whom the route on template i is open.
func (m oneMethod) excluded(k, i int) bool {
	if m.unlisted {
		return m.routes[k] != noRoute && m.apart(m.routes[i], m.routes[k])
	}
	return m.reaching[k] && (m.routes[k] == noRoute || m.apart(m.routes[i], m.routes[k]))
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
