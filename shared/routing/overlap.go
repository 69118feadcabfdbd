package routing

// comparedTemplate is a template with what comparing it to the others of its
// service found.
type comparedTemplate struct {
	template
	// overlapping are the less specific templates whose patterns match paths of
	// this one.
	overlapping []int
	// overmatches is what its pattern matches besides its paths.
	overmatches []overmatch
}

// compare compares templates, which are sorted, with each other. It stops once b
// is spent.
func compare(templates []template, b *budget) []comparedTemplate {
	compared := make([]comparedTemplate, len(templates))
	var greedyOnes []int
	for i, t := range templates {
		compared[i].template = t
		if t.last() >= greedy {
			greedyOnes = append(greedyOnes, i)
		}
		for j := i + 1; j < len(templates) && b.spend(len(t.segments)); j++ {
			if templates[j].wild() && t.overlaps(templates[j]) || t.isRoot() && templates[j].overmatchesRoot() {
				compared[i].overlapping = append(compared[i].overlapping, j)
			}
		}
	}
	for i, t := range templates {
		for _, wider := range t.wider() {
			if !b.spend(len(wider.segments) * (1 + len(greedyOnes))) {
				return compared
			}
			if t.includesResource(wider) {
				continue
			}
			o := overmatch{template: wider, resource: wider.resource()}
			for _, j := range greedyOnes {
				if templates[j].includesResource(wider) {
					o.takers = append(o.takers, j)
				}
			}
			compared[i].overmatches = append(compared[i].overmatches, o)
		}
	}
	return compared
}

// overlaps counts the pairs of templates of which one matches requests of the
// other.
func (l layout) overlaps() int {
	n := 0
	for _, t := range l.compared {
		n += len(t.overlapping)
		for _, o := range t.overmatches {
			n += len(o.takers)
		}
	}
	return n
}
