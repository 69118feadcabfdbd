package verify

import (
	"context"
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
// nothing costs little and drives nothing out. It is safe for concurrent use;
// no lock is held during a read.
type cache[K comparable, V any] struct {
	// ttl is how long an entry counts; 0 keeps nothing.
	ttl time.Duration
	now func() time.Time

	mu              sync.Mutex
	present, absent generations[K, V]
}

func newCache[K comparable, V any](ttl time.Duration, now func() time.Time, present, absent int) *cache[K, V] {
	return &cache[K, V]{
		ttl: ttl, now: now,
		present: generations[K, V]{limit: present},
		absent:  generations[K, V]{limit: absent},
	}
}

// get returns what name stands for; nil where it stands for nothing. It reads
// where the cache cannot tell. Errors are read's, but [apikey.NotFound].
func (c *cache[K, V]) get(ctx context.Context, name K, read func(context.Context, K) (*V, error)) (*V, error) {
	if value, found := c.find(name); found {
		return value, nil
	}
	since := c.now()
	value, err := read(ctx, name)
	if err != nil && apikey.KindOf(err) != apikey.NotFound {
		return nil, err
	}
	if err != nil {
		value = nil
	}
	c.keep(name, value, since)
	return value, nil
}

func (c *cache[K, V]) find(name K) (value *V, found bool) {
	if c.ttl <= 0 {
		return nil, false
	}
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range []*generations[K, V]{&c.present, &c.absent} {
		if e, ok := g.find(name); ok && apikey.Fresh(now, e.since, c.ttl) {
			return e.value, true
		}
	}
	return nil, false
}

// keep takes what a read found that started at since, unless a read that
// started later has answered already.
func (c *cache[K, V]) keep(name K, value *V, since time.Time) {
	if c.ttl <= 0 {
		return
	}
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
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
