package verify

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

// reading is a read under way of one or several records, for everybody who asks
// for any of them meanwhile.
type reading = flight.Flight[*batch]

// batch is what a read asked for and what it found.
type batch struct {
	names   []name
	answers []answer
	// err is why nothing was read.
	err error
	// abandoned: the read ended because its leader had no more time, or panicked.
	// That says nothing to those who waited.
	abandoned bool
}

// answer is what a read found of one record: nil where there is none.
type answer struct {
	value content
	err   error
}

// fill finds all that a lookup wants: with one read of what is neither fresh nor
// asked for by somebody else, who began so recently that what they find will
// count. Waiting for others ends with ctx. Failures are in the lookup's slots.
//
// Nobody takes the answer of a read that started the TTL or more before they
// asked: with a TTL of 0, everyone reads.
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

// enter finds what the lookup wants, or the reads that will. For the rest it
// begins one, which the caller must lead. That replaces reads that are too old to
// join.
func (r *recordCache) joinOrBegin(l *lookup) (led *reading, b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for i := range l.slots {
		s := &l.slots[i]
		if s.state != wanted || l.find(s, *s.name, now) {
			continue
		}
		if f := r.flights.Find(*s.name); f != nil && r.fresh(now, f.Since) {
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

// lead reads for all who joined.
func (r *recordCache) lead(ctx context.Context, f *reading, b *batch) {
	defer r.land(f, b)
	r.load(ctx, b)
	b.abandoned = b.err != nil && ctx.Err() != nil
}

// land ends a read, whatever became of it, and keeps what it found.
func (r *recordCache) land(f *reading, b *batch) {
	now := r.now()
	r.meter.Read(now.Sub(f.Since))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range b.names {
		if i < len(b.answers) && b.answers[i].err == nil {
			r.put(n, b.answers[i].value, f.Since, now)
		}
	}
	r.flights.Land(f, b, nil, b.names...)
}

// await waits for somebody else's read. One that failed as a whole says something
// only to those who ask for all that it asked for: the fault may be one record's.
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
