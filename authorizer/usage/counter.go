// Package usage counts in memory what keys are used for, and writes the counts
// when nobody waits for an answer.
//
// The first use of a key in a process is due at once. Afterwards the key is due
// again when it was used and its last write is an interval ago. So a process
// writes each key at most once in that time, and what it has not written when
// Lambda ends it, up to an interval of each key's uses, is lost.
//
// The write of a key whose digest is under an older pepper also proposes the one
// under the active pepper. It is computed then, so until then the text of such a
// key is kept, in a form that prints redacted.
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
	"github.com/keyward/keyward/shared/keytext"
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

	mu   sync.Mutex
	keys map[keytext.ID]*tally
	// Each tally is in one queue, unless it is being written. All of a queue became
	// due, or will, in the order of the queue.
	fresh, failed, written queue
	weight                 int
	// pausedUntil is when writes are tried again after some have failed, in
	// milliseconds since 1970.
	pausedUntil int64
}

// New returns a counter that has counted nothing.
func New(config Config) *Counter {
	return &Counter{config: config, keys: make(map[keytext.ID]*tally)}
}

// Count counts a decision about a request from source, which began at that time.
// It ignores requests that show no secret of a key.
func (c *Counter) Count(use verify.Use, outcome verify.Outcome, code verify.Code, source netip.Addr, at time.Time) {
	if c == nil || use.Key.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.keys[use.Key]
	if t == nil {
		t = &tally{key: use.Key, org: use.Org}
		c.keys[use.Key] = t
		c.fresh.push(t)
		c.grow(t, tallyWeight)
	}
	ms := at.UnixMilli()
	name, refused := use.Permission, outcome != verify.Allowed
	if refused {
		name = string(code)
	}
	c.grow(t, t.add(hourOf(ms), name, refused, 1))
	switch {
	case code == verify.SecretRetired:
		c.grow(t, t.retire(use.Generation, ms, source))
	case outcome != verify.Unauthenticated:
		t.use(use.Generation, ms, source)
		if use.Outdated != nil && c.config.Digester != nil {
			c.grow(t, t.outdate(use))
		}
	}
	for c.weight > Ceiling && c.evict(t) {
	}
}

// grow adds to the bytes that a tally takes.
func (c *Counter) grow(t *tally, bytes int) {
	t.bytes += bytes
	c.weight += bytes
}

// evict forgets the key that was written least recently, or else the one that
// has waited longest for its first write. It spares one key, and reports whether
// it found another.
func (c *Counter) evict(spared *tally) bool {
	for _, q := range []*queue{&c.written, &c.failed, &c.fresh} {
		if q.first != nil && q.first != spared {
			c.forget(q.pop())
			return true
		}
	}
	return false
}

// forget drops a key that is in no queue.
func (c *Counter) forget(t *tally) {
	delete(c.keys, t.key)
	c.weight -= t.bytes
}

// due returns the next key with something to write, which is then in no queue;
// nil if there is none. It forgets keys that were not used since their last write.
func (c *Counter) due(now int64) *tally {
	for _, q := range []*queue{&c.fresh, &c.failed, &c.written} {
		for q.first != nil && q.first.due <= now {
			t := q.pop()
			if t.pending > 0 {
				return t
			}
			c.forget(t)
		}
	}
	return nil
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
