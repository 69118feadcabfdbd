package verify

import (
	"strings"
	"time"
)

const (
	// idleAfter is the age from which a record counts as no longer used. One in
	// use is read again within [MaxCacheTTL].
	idleAfter = 2 * MaxCacheTTL
	// sample is how many organizations are compared to make room.
	sample = 16
)

// ownerCache is a cache with a limit in bytes that is fair to its owners. To
// make room, it first drops a record older than idleAfter. If it finds none, it
// drops one from the owner with the most bytes, chosen by the CLOCK algorithm.
// So nobody can displace the records of an owner who holds less. It is not safe
// for concurrent use.
type ownerCache struct {
	ceiling, weight int
	entries         byName
	owners          map[string]*owner
}

func newOwnerCache(ceiling int) *ownerCache {
	return &ownerCache{ceiling: ceiling, entries: newByName(), owners: map[string]*owner{}}
}

// entry is a record in its owner's list.
type entry struct {
	name  name
	value content
	// since is when the read that found the record started.
	since time.Time
	// renewed is when a wrong secret last caused a read although the record was
	// fresh.
	renewed time.Time
	// used says that the record was requested since it was added, or since
	// CLOCK last passed over it.
	used         bool
	owner        *owner
	newer, older *entry
}

// owner is an organization with its records, in the order in which they were
// added or last passed over.
type owner struct {
	id             string
	weight         int
	newest, oldest *entry
	// names are the names of permissions and services in its records, each
	// once; nil for none.
	names map[string]*shared
}

// shared is a text that several records use.
type shared struct {
	text string
	uses int
}

// find returns what is cached for a name, and marks it as used.
func (s *ownerCache) find(n name) *entry {
	e := s.entries.get(&n)
	if e != nil {
		e.used = true
	}
	return e
}

// put caches a record for an owner, replacing an earlier one of that name, as
// far as there is room.
func (s *ownerCache) put(n name, value content, since time.Time, id string, now time.Time) {
	e := s.entries.get(&n)
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

// add adds an empty entry to an owner's list.
func (s *ownerCache) add(n name, id string) *entry {
	o := s.owners[id]
	if o == nil {
		o = &owner{id: strings.Clone(id)}
		s.owners[o.id] = o
		s.grow(o, ownerWeight+allocated(len(id)))
	}
	e := &entry{name: *n.clone(), owner: o}
	s.entries.add(e)
	o.push(e)
	s.grow(o, e.weight())
	return e
}

// grow adds to an owner's weight.
func (s *ownerCache) grow(o *owner, by int) {
	o.weight += by
	s.weight += by
}

// fit drops records until the cache is within its ceiling. adder is the owner
// whose weight has grown.
func (s *ownerCache) fit(adder *owner, now time.Time) {
	for s.weight > s.ceiling {
		s.drop(s.victim(adder, now))
	}
}

// victim returns the record to drop next. It compares the adder with a sample
// of the other owners.
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

// unused returns the owner's oldest record that is not marked as used. It
// passes over the used ones before it: it clears their marks and makes them the
// newest.
func (o *owner) unused() *entry {
	for o.oldest.used {
		passed := o.oldest
		passed.used = false
		o.unlink(passed)
		o.push(passed)
	}
	return o.oldest
}

// drop removes a record; nil removes nothing.
func (s *ownerCache) drop(e *entry) {
	if e == nil {
		return
	}
	o := e.owner
	s.entries.remove(e)
	o.unlink(e)
	s.grow(o, -e.weight())
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
