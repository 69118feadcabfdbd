package verify

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// flight is a read under way of one or several records, for everybody who asks
// for any of them meanwhile. All but since and landed is written before landed is
// closed, and read after.
type flight struct {
	// since is when the read started: the beginning of its answers' age.
	since  time.Time
	landed chan struct{}
	// names are what it asks for, and answers what it found.
	names   []name
	answers []answer
	// err is why nothing was read.
	err error
	// abandoned: the read ended because who led it had no more time, or
	// panicked, which says nothing to those who waited.
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
func (r *records) fill(ctx context.Context, l *lookup) {
	for l.wants() {
		if led := r.enter(l); led != nil {
			r.lead(ctx, led)
			if l.settle(led, led.err); led.err != nil {
				l.fail(led.err)
				return
			}
		}
		for i := range l.slots {
			if f := l.slots[i].flight; f != nil {
				l.await(ctx, f)
			}
		}
	}
}

// enter finds what the lookup wants, or the flights that will, or makes one for
// the caller to lead. It takes the place of those that are too old to join.
func (r *records) enter(l *lookup) (led *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for i := range l.slots {
		s := &l.slots[i]
		if s.state != wanted || l.find(s, *s.name, now) {
			continue
		}
		if f := r.flights[*s.name]; f != nil && r.fresh(now, f.since) {
			l.hits++
			s.flight = f
			continue
		}
		if led == nil {
			led = &flight{since: now, landed: make(chan struct{}), abandoned: true}
		}
		l.misses++
		led.names = append(led.names, *s.name)
		s.flight, r.flights[*s.name] = led, led
	}
	return led
}

// lead reads for all who joined a flight.
func (r *records) lead(ctx context.Context, f *flight) {
	defer r.land(f)
	r.load(ctx, f)
	f.abandoned = f.err != nil && ctx.Err() != nil
}

// land ends a flight, whatever became of it, and keeps what it found.
func (r *records) land(f *flight) {
	now := r.now()
	r.meter.Read(now.Sub(f.since))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range f.names {
		if i < len(f.answers) && f.answers[i].err == nil {
			r.put(n, f.answers[i].value, f.since, now)
		}
		if r.flights[n] == f {
			delete(r.flights, n)
		}
	}
	close(f.landed)
}

// await waits for somebody else's flight. One that failed as a whole says
// something only to those who ask for all that it asked for: the fault may be
// one record's.
func (l *lookup) await(ctx context.Context, f *flight) {
	select {
	case <-f.landed:
	case <-ctx.Done():
		l.settle(f, apikey.Failed("wait for a read", ctx.Err()))
		return
	}
	foreign := func(n name) bool { return !l.slots[n.kind].is(n) }
	if f.abandoned || f.err != nil && slices.ContainsFunc(f.names, foreign) {
		l.leave(f)
		return
	}
	l.settle(f, f.err)
}
