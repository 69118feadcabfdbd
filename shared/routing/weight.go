package routing

import "unsafe"

// Weight returns about how many bytes the table uses, without the routes that it
// was made from.
func (t *Table) Weight() int {
	weight := int(unsafe.Sizeof(*t))
	weight += len(t.byName) * 2 * int(unsafe.Sizeof(routeName{})+unsafe.Sizeof(new(Route)))
	for _, one := range t.templates {
		weight += one.weight()
	}
	return weight
}

// Weight returns about how many bytes the compiler uses, without the routes that
// it was made from.
func (c *PolicyCompiler) Weight() int {
	weight := int(unsafe.Sizeof(*c)) + cap(c.routes)*int(unsafe.Sizeof(Route{}))
	for _, list := range [][]candidate{c.allow, c.deny} {
		weight += cap(list) * int(unsafe.Sizeof(candidate{}))
		for _, one := range list {
			weight += allocated(len(one.resource)) + allocated(cap(one.others)*int(unsafe.Sizeof(0)))
		}
	}
	return weight
}

// weight leaves out the path, which belongs to the route.
func (t template) weight() int {
	return int(unsafe.Sizeof(t)) + allocated(cap(t.segments)*int(unsafe.Sizeof(segment{})))
}

// allocated returns approximately what the allocator uses for that many bytes.
func allocated(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return bytes + bytes/16 + 8
}
