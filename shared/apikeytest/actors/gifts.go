package actors

// gift is one act of giving: its change, counted from 1, and everything that
// the giver held then.
type gift struct {
	at   int
	held powers
}

// latest returns the last of the gifts. Gifts of one change have one giver.
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

// become sets the set after a change: only permissions that it did not have
// before are new gifts.
func (g *gifts) become(after powers, by gift) {
	for i := range g.by {
		if bit := powers(1) << i; after&bit != 0 && g.powers&bit == 0 {
			g.by[i] = by
		}
	}
	g.powers = after
}

// source is a place from which somebody has permissions, with the gift that
// leads there.
type source struct {
	*gifts
	link gift
}

// unsound returns permissions that came from the source by way of the gifts,
// although nobody who held them gave them. Only those in passing count; nil
// passes all.
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
