// Package usage counts in memory what keys are used for, and writes the counts
// when nobody waits for an answer.
//
// The first use of a key in a process is due at once. Afterwards the key is due
// again when it was used and its last write is an interval ago. So a process
// writes each key at most once in that time, and what it has not written when
// Lambda ends it, up to an interval of each key's uses, is lost.
//
// If a secret's digest uses an older pepper, the write also proposes the digest under
// the active one. It is computed at the time of the write, so the secret stays in
// memory until then, in a type that prints redacted.
//
// Counting decides nothing and delays nothing. A failed write keeps its counts
// and is tried again later. If its answer was lost, those counts are added twice.
package usage

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

const (
	// retryAfter is the time between a failed write and the next attempt.
	retryAfter = 10 * time.Second
	// Ceiling limits the bytes of what is counted and not forgotten. It fits more
	// than 10,000 keys.
	Ceiling = 8 << 20
)

// Config configures a [Counter]. All fields except Digester must be set.
type Config struct {
	Adder apikey.UsesAdder
	// Digester computes what is proposed for secrets whose digests are under an older
	// pepper; nil proposes nothing.
	Digester apikey.Digester
	Region   string
	// Interval is the minimum time between two writes of a key.
	Interval time.Duration
	Now      func() time.Time
	// Log receives one line for each round of writes that failed.
	Log *slog.Logger
}

// Counter counts the uses of keys. It is safe for concurrent use. A nil Counter
// counts nothing.
type Counter struct {
	config Config
	// writing is set while a round of writes is under way.
	writing atomic.Bool

	mu sync.Mutex
	// tallies has the keys with unwritten counts, and those with names or coarseness
	// that are still needed today.
	tallies map[uuid.UUID]*tally
	// A tally whose key is not in recent is in one of the queues, unless it is being
	// written.
	recent        recent
	fresh, failed queue
	weight        int
	// pausedUntil is when writes are tried again after some have failed, in
	// milliseconds since 1970.
	pausedUntil int64
}

// New returns a counter that has counted nothing.
func New(config Config) *Counter {
	return &Counter{config: config, tallies: make(map[uuid.UUID]*tally), recent: recent{keys: make(map[uuid.UUID]struct{})}}
}

// Count counts a decision about a request from source, which began at that time.
// It ignores requests that show no secret of a key.
func (c *Counter) Count(use verify.Use, outcome verify.Outcome, code verify.Code, source netip.Addr, at time.Time) {
	if c == nil || use.Key.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tallies[use.Key]
	if t == nil {
		t = c.begin(use)
	}
	ms := at.UnixMilli()
	name, refused := use.Permission, outcome != verify.Allowed
	if refused {
		name = string(code)
	}
	t.add(hourOf(ms), name, refused, 1)
	switch used := (secretUse{source, ms, ms, use.Generation}); {
	case code == verify.SecretRetired:
		t.retire(used)
	case outcome != verify.Unauthenticated:
		t.use(used)
		if use.Outdated != nil && c.config.Digester != nil {
			t.outdate(use)
		}
	}
	c.weigh(t)
	for c.weight > Ceiling && c.evict(t) {
	}
}

// begin returns a new tally of a key. It is due at once, unless the key was
// written a moment ago.
func (c *Counter) begin(use verify.Use) *tally {
	t := newTally(use.Key, use.Org)
	c.tallies[t.key] = t
	if !c.recent.has(t.key) {
		c.fresh.push(t)
	}
	return t
}

// weigh corrects the weight after a tally has changed.
func (c *Counter) weigh(t *tally) {
	bytes := int32(t.weight())
	c.weight += int(bytes - t.bytes)
	t.bytes = bytes
}

// evict forgets the key that was written least recently. Without one, it forgets the
// key whose write failed first, and then the one that has waited longest for its first
// write. It spares one key, and reports whether it found another.
func (c *Counter) evict(spared *tally) bool {
	if len(c.recent.order) > 0 && c.recent.order[0].key != spared.key {
		c.forget(c.popRecent())
		return true
	}
	for _, q := range []*queue{&c.failed, &c.fresh} {
		if q.first != nil && q.first != spared {
			c.forget(q.pop())
			return true
		}
	}
	return false
}

// forget drops a tally that is in no queue; nil drops nothing.
func (c *Counter) forget(t *tally) {
	if t != nil {
		delete(c.tallies, t.key)
		c.weight -= int(t.bytes)
	}
}

// pushRecent remembers that a key was written.
func (c *Counter) pushRecent(key uuid.UUID, due int64) {
	c.recent.push(key, due)
	c.weight += recentWeight
}

// popRecent forgets the key that was written first, and returns its tally; nil if
// there is none.
func (c *Counter) popRecent() *tally {
	c.weight -= recentWeight
	return c.tallies[c.recent.pop()]
}

// due returns the next key with something to write, which is then in no queue;
// nil if there is none. It forgets keys that were not used since their last write.
func (c *Counter) due(now int64) *tally {
	for {
		t, found := c.pop(now)
		if !found || t != nil && t.pending() {
			return t
		}
		c.forget(t)
	}
}

// pop takes the next key that is due, and returns its tally; nil if it has none.
func (c *Counter) pop(now int64) (t *tally, found bool) {
	for _, q := range []*queue{&c.fresh, &c.failed} {
		if q.first != nil && q.first.due <= now {
			return q.pop(), true
		}
	}
	if len(c.recent.order) > 0 && c.recent.order[0].due <= now {
		return c.popRecent(), true
	}
	return nil, false
}

// queue holds tallies in the order in which they came.
type queue struct{ first, last *tally }

func (q *queue) push(t *tally) {
	if t.next = nil; q.first == nil {
		q.first = t
	} else {
		q.last.next = t
	}
	q.last = t
}

func (q *queue) pop() *tally {
	t := q.first
	q.first = t.next
	return t
}
