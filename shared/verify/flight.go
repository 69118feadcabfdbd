package verify

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

// reading is a running read of one or more records. It is shared by everyone
// who asks for any of them meanwhile.
type reading = flight.Flight[*batch]

// batch is what a read requests and what it finds.
type batch struct {
	names   []name
	answers []answer
	// err is why nothing was read.
	err error
	// abandoned says that the read ended because its leader ran out of time or
	// panicked, which says nothing about the records.
	abandoned bool
}

// answer is the result of a read for one record; the zero answer if the record
// does not exist.
type answer struct {
	value content
	err   error
}

// fetch gets everything that a lookup wants. It joins reads by others that
// started recently enough, and reads the rest itself, in one read. Waiting for
// others ends with ctx. Failures are put into the lookup's slots.
//
// A lookup joins no read that started the TTL or more before the lookup asked.
// With a TTL of 0, each lookup reads for itself.
func (r *recordCache) fetch(ctx context.Context, l *lookup) {
	for l.anyWanted() {
		if led, b := r.joinOrBegin(l); led != nil {
			r.lead(ctx, led, b)
			if l.settle(led, b, b.err); b.err != nil {
				l.fail(b.err)
				return
			}
		}
		for i := range l.slots {
			if f := l.slots[i].reading; f != nil {
				l.await(ctx, f)
			}
		}
	}
}

// joinOrBegin fills the lookup's slots from the cache, or joins running reads.
// If something is missing, it begins a read that the caller must lead. That
// read replaces reads that are too old to join.
func (r *recordCache) joinOrBegin(l *lookup) (led *reading, b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for i := range l.slots {
		s := &l.slots[i]
		if s.state != wanted || l.find(s, *s.name, now) {
			continue
		}
		if f := r.flights.Find(*s.name); f != nil && r.fresh(now, f.Since) && !f.Since.Before(s.notBefore) {
			l.hits++
			s.reading = f
			continue
		}
		if led == nil {
			led, b = flight.Begin[*batch](now), &batch{abandoned: true}
		}
		l.misses++
		b.names = append(b.names, *s.name)
		s.reading = led
		r.flights.Add(led, *s.name)
	}
	return led, b
}

// lead does the read for everyone who joined.
func (r *recordCache) lead(ctx context.Context, f *reading, b *batch) {
	defer r.land(f, b)
	r.load(ctx, b)
	b.abandoned = b.err != nil && ctx.Err() != nil
}

// land ends a read, however it went, and caches what it found.
func (r *recordCache) land(f *reading, b *batch) {
	now := r.now()
	r.meter.ReadEnded(now.Sub(f.Since))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range b.names {
		if i < len(b.answers) && b.answers[i].err == nil {
			r.put(n, b.answers[i].value, f.Since, now)
		}
	}
	r.flights.Land(f, b, nil, b.names...)
}

// await waits for another caller's read. If that read failed as a whole, the
// failure counts only for a lookup that asked for the same records, because one
// record may be at fault.
func (l *lookup) await(ctx context.Context, f *reading) {
	b, err := f.Wait(ctx)
	if err != nil {
		l.settle(f, nil, apikey.UnavailableError("wait for a read", err))
		return
	}
	foreign := func(n name) bool { return !l.slots[n.kind].is(n) }
	if b.abandoned || b.err != nil && slices.ContainsFunc(b.names, foreign) {
		l.detach(f)
		return
	}
	l.settle(f, b, b.err)
}
