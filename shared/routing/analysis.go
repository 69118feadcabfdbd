package routing

import "slices"

// Analysis compares the routes of a service with each other, to find the cost of
// caching policies for a whole API. It stops after [MaxSteps].
type Analysis struct {
	routes []Route
	// layouts holds one layout for HTTP APIs, and one for the other APIs if a
	// $default route makes them differ.
	layouts []layout
	budget  *budget
}

// Analyze compares the routes of a service.
func Analyze(routes []Route, unlisted Unlisted) *Analysis {
	a := &Analysis{routes: routes, layouts: []layout{newLayout(routes, unlisted, true)}, budget: &budget{left: MaxSteps}}
	if slices.ContainsFunc(routes, func(r Route) bool { return r.Path == Default }) {
		a.layouts = append(a.layouts, newLayout(routes, unlisted, false))
	}
	for i := range a.layouts {
		a.layouts[i].compared = compare(a.layouts[i].templates(), a.budget)
	}
	return a
}

// Incomplete reports whether the analysis needed more than [MaxSteps].
func (a *Analysis) Incomplete() bool { return a.budget.spent() }

// Overlaps returns the number of overlapping pairs of paths, on the kind of API
// that has the most.
func (a *Analysis) Overlaps() int {
	most := 0
	for _, l := range a.layouts {
		most = max(most, l.overlaps())
	}
	return most
}

// PolicyBytes returns the size in bytes of the largest policy for the whole API.
// prefix is the length of the text before each pattern.
func (a *Analysis) PolicyBytes(prefix int) int {
	most := 0
	for _, l := range a.layouts {
		most = max(most, l.policyBytes(prefix))
	}
	return most
}

func (l layout) policyBytes(prefix int) int {
	all := l.candidates()
	// Each route is either open or closed, and adds the patterns of one of the two.
	open, closed := make([]int, len(l.routes)), make([]int, len(l.routes))
	total := 0
	size := func(resource string) int { return prefix + len(resource) + len(`"",`) }
	for _, c := range append(all.allow, all.deny...) {
		switch {
		case c.route == noRoute:
			total += size(c.resource)
		case c.when == whenOpen || c.when == whenOvermatched:
			open[c.route] += size(c.resource)
		default:
			closed[c.route] += size(c.resource)
		}
	}
	for i := range l.routes {
		total += max(open[i], closed[i])
	}
	for _, resource := range append(everything(true), oddPaths...) {
		total += size(resource)
	}
	return total
}
