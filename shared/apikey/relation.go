package apikey

// relation is what a template has to do with others of its service.
type relation struct {
	template
	// lesser are the less specific ones whose resources take paths of it.
	lesser []int
	// spreads are what its resource takes besides its paths.
	spreads []spread
}

// spread is a resource whose requests do not fit the template.
type spread struct {
	template
	resource string
	// takers are templates that all these requests fit.
	takers []int
}

// relate finds the relations of templates that are in order. Where w is spent it
// stops.
func relate(templates []template, w *work) []relation {
	relations := make([]relation, len(templates))
	var takers []int
	for i, t := range templates {
		relations[i].template = t
		if t.last() >= greedy {
			takers = append(takers, i)
		}
		for j := i + 1; j < len(templates) && w.spend(len(t.segments)); j++ {
			if templates[j].wild() && t.overlaps(templates[j]) || t.isRoot() && templates[j].takesRoot() {
				relations[i].lesser = append(relations[i].lesser, j)
			}
		}
	}
	for i, t := range templates {
		for _, wider := range t.wider() {
			if !w.spend(len(wider.segments) * (1 + len(takers))) {
				return relations
			}
			if t.takesResource(wider) {
				continue
			}
			s := spread{template: wider, resource: wider.resource()}
			for _, j := range takers {
				if templates[j].takesResource(wider) {
					s.takers = append(s.takers, j)
				}
			}
			relations[i].spreads = append(relations[i].spreads, s)
		}
	}
	return relations
}

// overlaps counts the pairs of routes' templates of which one takes requests of
// the other.
func (l layout) overlaps() int {
	n := 0
	for _, r := range l.relations {
		n += len(r.lesser)
		for _, s := range r.spreads {
			n += len(s.takers)
		}
	}
	return n
}
