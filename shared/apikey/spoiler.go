package apikey

import "slices"

// survey is a layout with what tells whether a kept answer may deny open requests.
type survey struct {
	layout
	methods []oneMethod
	// touches are, for each template, what others have to do with it.
	touches [][]touch
}

// oneMethod is the part of a layout that requests of one method have.
type oneMethod struct {
	method string
	// routes are those of the templates, [noRoute] where there is none; reaching
	// is whether a template's requests are taken by the resource of a lesser route.
	routes   []int
	reaching []bool
	unlisted bool
	callers  []callers
}

// touch is what the requests on one template have to do with those on another.
type touch struct {
	other int
	// spreads are the other's whose resources take requests of the one.
	spreads []*spread
	// overlaps is whether a path fits both, and root whether "/" fits the one and
	// the other's resource takes it.
	overlaps, root bool
}

// survey sees through a layout that has its relations. Where w is spent it stops.
func (l layout) survey(w *work) survey {
	s := survey{layout: l}
	opening := l.callers()
	// A bit for each method of which a template has a route.
	listed := make([]uint8, len(l.relations))
	for n, method := range Methods() {
		m := oneMethod{method: method, routes: l.of(method), unlisted: l.unlisted, callers: opening}
		for i, t := range l.relations {
			m.reaching = append(m.reaching, len(pick(m.routes, t.lesser)) > 0)
			if m.routes[i] != noRoute {
				listed[i] |= 1 << n
			}
		}
		s.methods = append(s.methods, m)
	}
	s.touches = make([][]touch, len(l.relations))
	for i := range l.relations {
		for k := range l.relations {
			if w.spend(1) && listed[i]&listed[k] != 0 {
				s.touch(i, k, w)
			}
		}
	}
	return s
}

// touch notes what template k has to do with template i, if anything.
func (s survey) touch(i, k int, w *work) {
	one, other := s.relations[i], &s.relations[k]
	t := touch{other: k, root: one.fits([]string{""}) && other.takesRoot()}
	t.overlaps = k != i && w.spend(len(one.segments)) && other.overlaps(one.template)
	for n := range other.spreads {
		if other.spreads[n].resourceMeets(one.template, w) {
			t.spreads = append(t.spreads, &other.spreads[n])
		}
	}
	if t.root || t.overlaps || t.spreads != nil {
		s.touches[i] = append(s.touches[i], t)
	}
}

// spoilerWork is what a spoiler costs: it is made, sorted and compared.
const spoilerWork = 16

// spoilers appends those requests because of which a kept answer may deny open
// requests of a route.
func (s survey) spoilers(into []routeName, route Route, w *work) []routeName {
	i := slices.IndexFunc(s.relations, func(r relation) bool { return r.path == route.Path })
	if i < 0 {
		return into
	}
	for _, m := range s.methods {
		if own := m.routes[i]; own == noRoute || s.routes[own].Method != route.Method {
			continue
		}
		for _, t := range s.touches[i] {
			if m.spoils(t, i, w) && w.spend(spoilerWork) {
				into = append(into, routeName{m.method, s.relations[t.other].path})
			}
		}
	}
	return into
}

// spoils reports whether a kept answer may deny requests on template i because of
// those that it has to do with.
func (m oneMethod) spoils(t touch, i int, w *work) bool {
	k := t.other
	if m.routes[k] == noRoute {
		return false
	}
	if !m.unlisted && slices.ContainsFunc(t.spreads, func(s *spread) bool { return !m.spared(s, i, k, w) }) {
		return true
	}
	if k == i || !m.excluded(k, i) {
		return false
	}
	return t.root || t.overlaps && k > i || t.spreads != nil
}

// spared reports whether the spread of template k is never denied to a caller to
// whom both routes are open, because one of its takers is open too.
func (m oneMethod) spared(s *spread, i, k int, w *work) bool {
	return w.spend(len(s.takers)) && slices.ContainsFunc(s.takers, func(place int) bool {
		taker := m.routes[place]
		return taker != noRoute && (!m.apart(m.routes[i], taker) || !m.apart(m.routes[k], taker))
	})
}

// excluded reports whether requests on template k are ever denied to a caller to
// whom the route on template i is open.
func (m oneMethod) excluded(k, i int) bool {
	return (m.unlisted || m.reaching[k]) && m.apart(m.routes[i], m.routes[k])
}

// apart reports whether a caller can be allowed the first route and not the
// second.
func (m oneMethod) apart(first, second int) bool { return !m.callers[first].within(m.callers[second]) }

// callers is a set of callers who may use a route, of those who hold one
// permission and of one who holds none: a bit each. Whoever may be told apart at
// all is among them.
type callers []uint64

// callers are those of each of the routes.
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

// within reports whether all of the callers are others too.
func (c callers) within(others callers) bool {
	for word := range c {
		if c[word]&^others[word] != 0 {
			return false
		}
	}
	return true
}
