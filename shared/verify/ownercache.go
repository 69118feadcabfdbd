package verify

import (
	"strings"
	"time"
)

const (
	// idleAfter is the age at which a record counts as forgotten: one in use is
	// read again within [MaxCacheTTL].
	idleAfter = 2 * MaxCacheTTL
	// sample is how many organizations are looked at to make room.
	sample = 16
)

// shelf keeps records within a number of bytes, by owner. Where there is no room,
// a record that is forgotten goes first; else one that has not been used lately,
// of the owner that holds most. So nobody drives out the records of one who holds
// less. A shelf is not safe for concurrent use.
type ownerCache struct {
	ceiling, weight int
	entries         map[name]*entry
	owners          map[string]*owner
}

func newOwnerCache(ceiling int) *ownerCache {
	return &ownerCache{ceiling: ceiling, entries: map[name]*entry{}, owners: map[string]*owner{}}
}

// entry is a record in the list of its owner.
type entry struct {
	name  name
	value content
	// since is when the read started that found it.
	since time.Time
	// used says that the record was asked for since it came, or since it was spared.
	used         bool
	owner        *owner
	newer, older *entry
}

// owner is an organization with its records, in the order in which they came or
// were spared.
type owner struct {
	id             string
	weight         int
	newest, oldest *entry
	// names are those of permissions and services in its records, each once; nil
	// for none.
	names map[string]*shared
}

// shared is a text that several records have.
type shared struct {
	text string
	uses int
}

// find returns what is kept of a name, and marks it as used.
func (s *ownerCache) find(n name) *entry {
	e := s.entries[n]
	if e != nil {
		e.used = true
	}
	return e
}

// put keeps a record for an owner, in the place of an earlier one of the name,
// as far as there is room.
func (s *ownerCache) put(n name, value content, since time.Time, id string, now time.Time) {
	e := s.entries[n]
	if e != nil && e.owner.id != id {
		s.drop(e)
		e = nil
	}
	if e == nil {
		e = s.add(n, id)
	}
	if value != nil {
		s.grow(e.owner, value.addTo(e.owner))
	}
	if e.value != nil {
		s.grow(e.owner, -e.value.removeFrom(e.owner))
	}
	e.value, e.since = value, since
	s.fit(e.owner, now)
}

// add makes room on an owner's list.
func (s *ownerCache) add(n name, id string) *entry {
	o := s.owners[id]
	if o == nil {
		o = &owner{id: strings.Clone(id)}
		s.owners[o.id] = o
		s.grow(o, ownerWeight+allocated(len(id)))
	}
	e := &entry{name: *n.own(), owner: o}
	s.entries[e.name] = e
	o.push(e)
	s.grow(o, entryWeight+allocated(len(n.org))+allocated(len(n.text)))
	return e
}

// grow counts what an owner holds more, or less.
func (s *ownerCache) grow(o *owner, by int) {
	o.weight += by
	s.weight += by
}

// fit drops records until the shelf is within its ceiling. Adder is the owner
// that holds more than before.
func (s *ownerCache) fit(adder *owner, now time.Time) {
	for s.weight > s.ceiling {
		s.drop(s.victim(adder, now))
	}
}

// victim returns the record that goes next. Of many owners it looks at a few:
// the adder is always one of them.
func (s *ownerCache) victim(adder *owner, now time.Time) *entry {
	heaviest, looked := adder, 0
	for _, o := range s.owners {
		if now.Sub(o.oldest.since) > idleAfter {
			return o.oldest
		}
		if o.weight > heaviest.weight {
			heaviest = o
		}
		if looked++; looked == sample {
			break
		}
	}
	return heaviest.unused()
}

// unused returns the oldest of the owner's records that nobody has asked for. It
// spares those before it this once.
func (o *owner) unused() *entry {
	for o.oldest.used {
		spared := o.oldest
		spared.used = false
		o.unlink(spared)
		o.push(spared)
	}
	return o.oldest
}

// drop forgets a record; nil is none.
func (s *ownerCache) drop(e *entry) {
	if e == nil {
		return
	}
	o := e.owner
	delete(s.entries, e.name)
	o.unlink(e)
	s.grow(o, -entryWeight-allocated(len(e.name.org))-allocated(len(e.name.text)))
	if e.value != nil {
		s.grow(o, -e.value.removeFrom(o))
	}
	if o.oldest == nil {
		s.grow(o, -ownerWeight-allocated(len(o.id)))
		delete(s.owners, o.id)
	}
}

func (o *owner) push(e *entry) {
	if e.older = o.newest; e.older != nil {
		e.older.newer = e
	} else {
		o.oldest = e
	}
	o.newest = e
}

func (o *owner) unlink(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		o.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		o.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}
