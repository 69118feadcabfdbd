package actors

// gift is one act of giving. at is the number of its change, from 1. held is
// everything that the giver held then.
type gift struct {
	at   int
	held powers
}

// latest returns the gift with the latest change. All gifts of one change have
// the same giver.
func latest(all ...gift) gift {
	var last gift
	for _, g := range all {
		if g.at > last.at {
			last = g
		}
	}
	return last
}

// gifts is a set of permissions, and how each was given.
type gifts struct {
	powers
	by [len(names) + 1]gift
}

// become updates the set after a change. Only permissions that it did not have
// before are new gifts.
func (g *gifts) become(after powers, by gift) {
	for i := range g.by {
		if bit := powers(1) << i; after&bit != 0 && g.powers&bit == 0 {
			g.by[i] = by
		}
	}
	g.powers = after
}

// source is something that gives somebody permissions, such as a role or a
// policy. link is the gift by which they got it.
type source struct {
	*gifts
	link gift
}

// unsound returns the source's permissions that are not sound, as the package
// comment defines it. way is the gift that led to the source. passing limits
// the permissions, as a narrowed key does; nil limits nothing.
func (s source) unsound(passing *gifts, way gift) (bad powers) {
	for i := range s.by {
		bit := powers(1) << i
		if s.powers&bit == 0 || passing != nil && passing.powers&bit == 0 {
			continue
		}
		last := latest(way, s.link, s.by[i])
		if passing != nil {
			last = latest(last, passing.by[i])
		}
		if last.held&bit == 0 || s.by[i].held&bit == 0 {
			bad |= bit
		}
	}
	return bad
}
