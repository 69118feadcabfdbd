package apikey

import "unsafe"

// Weight is about how many bytes the table takes, besides the routes that it was
// made of.
func (t *RouteTable) Weight() int {
	weight := int(unsafe.Sizeof(*t))
	weight += len(t.byName) * 2 * int(unsafe.Sizeof(routeName{})+unsafe.Sizeof(new(Route)))
	for _, one := range t.templates {
		weight += one.weight()
	}
	return weight
}

// Weight is about how many bytes the reach takes, besides the routes that it was
// made of.
func (r *Reach) Weight() int {
	weight := int(unsafe.Sizeof(*r)) + cap(r.routes)*int(unsafe.Sizeof(Route{}))
	for _, list := range [][]candidate{r.allow, r.deny} {
		weight += cap(list) * int(unsafe.Sizeof(candidate{}))
		for _, c := range list {
			weight += room(len(c.resource)) + ints(c.others)
		}
	}
	return weight
}

func ints(list []int) int { return room(cap(list) * int(unsafe.Sizeof(0))) }

// weight leaves the path out, which is the route's.
func (t template) weight() int {
	return int(unsafe.Sizeof(t)) + room(cap(t.segments)*int(unsafe.Sizeof(segment{})))
}

// room is what the allocator takes for so many bytes, about.
func room(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return bytes + bytes/16 + 8
}
