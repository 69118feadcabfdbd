package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// flight is a read under way, for everybody who asks for the same meanwhile.
// All but since and landed is written before landed is closed, and read after.
type flight[V any] struct {
	// since is when the read started: the beginning of its answer's age.
	since  time.Time
	landed chan struct{}
	value  *V
	err    error
	// abandoned: the read ended because who led it had no more time, or
	// panicked, which says nothing to those who waited.
	abandoned bool
}

// get returns what name stands for; nil where it stands for nothing. It reads
// where the cache cannot tell, and waits where another has begun to read so
// recently that what it finds will count, but no longer than ctx lasts. Errors
// are read's, but [apikey.NotFound]; they are shared with those who waited.
//
// A caller never takes the answer of a read that started the TTL or more before
// it asked: with a TTL of 0, everyone reads.
func (c *cache[K, V]) get(ctx context.Context, name K, read func(context.Context, K) (*V, error)) (*V, error) {
	for {
		value, found, f, lead := c.enter(name)
		if found {
			c.meter.Looked(true)
			return value, nil
		}
		if lead {
			c.meter.Looked(false)
			return c.lead(ctx, name, f, read)
		}
		select {
		case <-f.landed:
		case <-ctx.Done():
			return nil, apikey.Failed("wait for a read", ctx.Err())
		}
		if !f.abandoned {
			c.meter.Looked(true)
			return f.value, f.err
		}
	}
}

// enter finds name, or the flight that will, or makes one for the caller to
// lead. It takes the place of one that is too old to join.
func (c *cache[K, V]) enter(name K) (value *V, found bool, f *flight[V], lead bool) {
	now := c.now()
	if c.ttl <= 0 {
		return nil, false, &flight[V]{since: now}, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if value, found = c.fresh(name, now); found {
		return value, true, nil, false
	}
	if f = c.flights[name]; f != nil && apikey.Fresh(now, f.since, c.ttl) {
		return nil, false, f, false
	}
	f = &flight[V]{since: now, landed: make(chan struct{})}
	c.flights[name] = f
	return nil, false, f, true
}

// lead reads for all who joined a flight.
func (c *cache[K, V]) lead(ctx context.Context, name K, f *flight[V], read func(context.Context, K) (*V, error)) (*V, error) {
	f.abandoned = true
	defer c.land(name, f)
	value, err := read(ctx, name)
	switch {
	case err == nil:
		f.value = value
	case apikey.KindOf(err) != apikey.NotFound:
		f.err = err
	}
	f.abandoned = f.err != nil && ctx.Err() != nil
	return f.value, f.err
}

// land ends a flight, whatever became of it, and keeps what it found.
func (c *cache[K, V]) land(name K, f *flight[V]) {
	now := c.now()
	c.meter.Read(now.Sub(f.since))
	if c.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !f.abandoned && f.err == nil {
		c.put(name, f.value, f.since, now)
	}
	if c.flights[name] == f {
		delete(c.flights, name)
	}
	close(f.landed)
}
