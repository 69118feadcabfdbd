package verify

import (
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// cache keeps what reads found, and that they found nothing, for a time that
// counts from the start of the read: what a read returns may be out of date
// from then on, so that no answer is older than the time, however long the read
// took. It keeps no errors, and stretches no entry because of one.
//
// What exists and what does not are bounded apart, so that a flood of names of
// nothing costs little and drives nothing out. It is safe for concurrent use:
// who asks for the same at once shares one read, and no lock is held during it.
type cache[K comparable, V any] struct {
	// ttl is how long an entry counts; 0 keeps nothing.
	ttl time.Duration
	now func() time.Time
	// meter is never nil.
	meter Meter

	mu              sync.Mutex
	present, absent generations[K, V]
	// flights are the reads under way that can be joined, one a name.
	flights map[K]*flight[V]
}

func newCache[K comparable, V any](ttl time.Duration, config Config, present, absent int) *cache[K, V] {
	return &cache[K, V]{
		ttl: ttl, now: config.Now, meter: config.meter(), flights: map[K]*flight[V]{},
		present: generations[K, V]{limit: present},
		absent:  generations[K, V]{limit: absent},
	}
}

// fresh is what a name is known to stand for. c.mu must be held.
func (c *cache[K, V]) fresh(name K, now time.Time) (value *V, found bool) {
	for _, g := range []*generations[K, V]{&c.present, &c.absent} {
		if e, ok := g.find(name); ok && apikey.Fresh(now, e.since, c.ttl) {
			return e.value, true
		}
	}
	return nil, false
}

// put takes what a read found that started at since, unless a read that started
// later has answered already. c.mu must be held.
func (c *cache[K, V]) put(name K, value *V, since, now time.Time) {
	for _, g := range []*generations[K, V]{&c.present, &c.absent} {
		if e, ok := g.find(name); ok && e.since.After(since) && !e.since.After(now) {
			return
		}
	}
	into, other := &c.present, &c.absent
	if value == nil {
		into, other = other, into
	}
	other.remove(name)
	into.put(name, entry[V]{value, since})
}

type entry[V any] struct {
	value *V
	since time.Time
}

// generations is a map that holds at most limit entries. What was not used
// while half of them were added is dropped.
type generations[K comparable, V any] struct {
	limit      int
	young, old map[K]entry[V]
}

func (g *generations[K, V]) find(name K) (entry[V], bool) {
	if e, ok := g.young[name]; ok {
		return e, true
	}
	e, ok := g.old[name]
	if ok {
		g.put(name, e)
	}
	return e, ok
}

func (g *generations[K, V]) put(name K, e entry[V]) {
	if _, held := g.young[name]; !held && len(g.young) >= g.limit/2 {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = map[K]entry[V]{}
	}
	delete(g.old, name)
	g.young[name] = e
}

func (g *generations[K, V]) remove(name K) {
	delete(g.young, name)
	delete(g.old, name)
}
