package routing

import "slices"

// survey is a layout prepared for finding conflicts. Route A conflicts with route B
// if what a cached policy denies because of B can also match requests to A that the
// caller may make. A route can conflict with itself.
type survey struct {
	layout
	methods []methodRoutes
	// contacts lists, for each template, the templates that it has contact with.
	contacts [][]contact
}

// methodRoutes is the part of a layout that matches requests of one method.
type methodRoutes struct {
	method string
	// routes is the route of each template, or [noRoute].
	routes []int
	// borrowed is whether each of these is the GET route for an unlisted HEAD.
	borrowed []bool
	// reached is whether the pattern of a less specific route matches requests of
	// the template.
	reached  []bool
	unlisted bool
	callers  []callers
}

// contact says how the requests of one template and the patterns of another
// overlap.
type contact struct {
	other int
	// overmatches are the other's overmatches that match requests of the one.
	overmatches []*overmatch
	// overlaps is whether some path matches both. root is whether "/" matches
	// both the one and the other's pattern.
	overlaps, root bool
}

// survey returns the survey of a layout whose templates are compared. It stops
// once b is spent.
func (l layout) survey(b *budget) survey {
	s := survey{layout: l}
	opening := l.callers()
	// listed has a bit for each method that a template has a route for.
	listed := make([]uint8, len(l.compared))
	for n, method := range Methods() {
		m := methodRoutes{method: method, routes: l.byTemplate(method), unlisted: l.unlisted, callers: opening}
		for i, t := range l.compared {
			m.reached = append(m.reached, len(pick(m.routes, t.overlapping)) > 0)
			m.borrowed = append(m.borrowed, l.borrows(method, m.routes[i]))
			if m.routes[i] != noRoute {
				listed[i] |= 1 << n
			}
		}
		s.methods = append(s.methods, m)
	}
	s.contacts = make([][]contact, len(l.compared))
	for i := range l.compared {
		for k := range l.compared {
			if b.spend(1) && listed[i]&listed[k] != 0 {
				s.contact(i, k, b)
			}
		}
	}
	return s
}

// contact adds the contact of template i with template k, if they have any.
func (s survey) contact(i, k int, b *budget) {
	one, other := s.compared[i], &s.compared[k]
	c := contact{other: k, root: one.matches([]string{""}) && other.overmatchesRoot()}
	c.overlaps = k != i && b.spend(len(one.segments)) && other.overlaps(one.template)
	for n := range other.overmatches {
		if other.overmatches[n].resourceOverlaps(one.template, b) {
			c.overmatches = append(c.overmatches, &other.overmatches[n])
		}
	}
	if c.root || c.overlaps || c.overmatches != nil {
		s.contacts[i] = append(s.contacts[i], c)
	}
}

// conflictSteps is what a conflict costs: it is built, sorted and compared.
const conflictSteps = 16

// conflicts appends to into the routes that a route conflicts with.
func (s survey) conflicts(into []routeName, route Route, b *budget) []routeName {
	i := slices.IndexFunc(s.compared, func(t comparedTemplate) bool { return t.path == route.Path })
	if i < 0 {
		return into
	}
	for _, m := range s.methods {
		if own := m.routes[i]; own == noRoute || s.routes[own].Method != route.Method {
			continue
		}
		for _, c := range s.contacts[i] {
			if m.conflictsOver(i, c, b) && b.spend(conflictSteps) {
				into = append(into, routeName{m.method, s.compared[c.other].path})
			}
		}
	}
	return into
}

// conflictsOver reports whether the route of template i conflicts with that of the
// contact's other template.
func (m methodRoutes) conflictsOver(i int, c contact, b *budget) bool {
	k := c.other
	if m.routes[k] == noRoute {
		return false
	}
	if !m.unlisted && slices.ContainsFunc(c.overmatches, func(o *overmatch) bool { return !m.spared(o, i, k, b) }) {
		return true
	}
	if k == i || !m.excluded(k, i) {
		return false
	}
	return c.root || c.overlaps && m.precedes(i, k) || c.overmatches != nil
}

// precedes reports whether a request that matches both templates belongs to the
// first. A listed route comes before the GET route for an unlisted HEAD.
// Otherwise the more specific one comes first.
func (m methodRoutes) precedes(i, k int) bool {
	if m.borrowed[i] != m.borrowed[k] {
		return m.borrowed[k]
	}
	return i < k
}

// spared reports whether a policy never denies this overmatch of template k to
// a caller who may use the routes of both templates: each such caller may also
// use the route of one of its takers.
func (m methodRoutes) spared(o *overmatch, i, k int, b *budget) bool {
	return b.spend(len(o.takers)) && slices.ContainsFunc(o.takers, func(template int) bool {
		taker := m.routes[template]
		return taker != noRoute && (!m.separated(m.routes[i], taker) || !m.separated(m.routes[k], taker))
	})
}

// excluded reports whether a policy denies requests of template k to some caller
// who may use the route of template i.
func (m methodRoutes) excluded(k, i int) bool {
	return (m.unlisted || m.reached[k]) && m.separated(m.routes[i], m.routes[k])
}

// separated reports whether some caller may use the first route and not the
// second.
func (m methodRoutes) separated(first, second int) bool {
	return !m.callers[first].within(m.callers[second])
}

// callers is a set of sample callers who may use a route, one bit each. Bit 0
// is a caller without permissions; each other bit is a caller with one
// permission. If any caller may use the first of two routes and not the second,
// so may one of the samples.
type callers []uint64

// callers returns the callers of each route.
func (l layout) callers() []callers {
	bits := map[string]int{}
	for _, route := range l.routes {
		for _, name := range route.Permissions {
			if _, seen := bits[name]; !seen {
				bits[name] = len(bits) + 1
			}
		}
	}
	all := make([]callers, len(l.routes))
	for i, route := range l.routes {
		all[i] = make(callers, len(bits)/64+1)
		for _, name := range route.Permissions {
			all[i][bits[name]/64] |= 1 << (bits[name] % 64)
		}
		for word := range all[i] {
			if route.OpenTo(nil) {
				all[i][word] = ^uint64(0)
			}
		}
	}
	return all
}

// within reports whether others includes all of c.
func (c callers) within(others callers) bool {
	for word := range c {
		if c[word]&^others[word] != 0 {
			return false
		}
	}
	return true
}
