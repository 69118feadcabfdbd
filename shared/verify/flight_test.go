package verify

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// slow is a store of one record, each read of which takes a second.
type slow struct {
	reads atomic.Int32
	fail  error
}

func (s *slow) read(ctx context.Context, name int) (*int, error) {
	s.reads.Add(1)
	select {
	case <-time.After(time.Second):
		return &name, s.fail
	case <-ctx.Done():
		return nil, apikey.Failed("read", ctx.Err())
	}
}

func liveCache(ttl time.Duration) *cache[int, int] {
	return newCache[int, int](ttl, Config{Now: time.Now}, 10, 10)
}

// However many ask for the same at once, one read answers them all, its failure
// too, and nothing waits for what somebody else asked.
func TestOneReadForAll(t *testing.T) {
	for name, fail := range map[string]error{"found": nil, "nothing": apikey.NoSuch(apikey.SubjectKey), "failed": apikey.Failed("read", errDown)} {
		synctest.Test(t, func(t *testing.T) {
			store, c := slow{fail: fail}, liveCache(ttl)
			for range 64 {
				go func() {
					value, err := c.get(t.Context(), 7, store.read)
					if failed := apikey.KindOf(fail) == apikey.Unavailable; (err != nil) != failed || (value != nil) != (fail == nil) {
						t.Errorf("%s: got %v, %v", name, value, err)
					}
				}()
			}
			began := time.Now()
			if _, err := c.get(t.Context(), 8, func(context.Context, int) (*int, error) { return nil, nil }); err != nil || time.Since(began) != 0 {
				t.Errorf("%s: another name: %v after %v", name, err, time.Since(began))
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if reads := store.reads.Load(); reads != 1 || len(c.flights) != 0 {
				t.Errorf("%s: %d reads, %d left behind", name, reads, len(c.flights))
			}
		})
	}
}

// With a TTL of 0 everybody reads: what another read has seen may be older than
// the question.
func TestNothingIsSharedWithoutTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store slow
		c := liveCache(0)
		for range 64 {
			go func() { _, _ = c.get(t.Context(), 7, store.read) }()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if reads := store.reads.Load(); reads != 64 {
			t.Errorf("%d reads for 64 questions", reads)
		}
	})
}

// Who waits for another's read waits no longer than its own deadline, and that
// is a failure of the dependency.
func TestWaiterKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store slow
		c := liveCache(ttl)
		go func() { _, _ = c.get(t.Context(), 7, store.read) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		value, err := c.get(ctx, 7, store.read)
		if took := time.Since(began); value != nil || apikey.KindOf(err) != apikey.Unavailable || took != 300*time.Millisecond {
			t.Errorf("got %v, %v after %v", value, err, took)
		}
		synctest.Wait()
		time.Sleep(time.Second)
	})
}

// A reader that runs out of time, or panics, takes nobody with it: those who
// waited read for themselves, once.
func TestReaderGone(t *testing.T) {
	for name, panics := range map[string]bool{"deadline": false, "panic": true} {
		synctest.Test(t, func(t *testing.T) {
			var store slow
			c := liveCache(ttl)
			var group sync.WaitGroup
			group.Go(func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := c.get(ctx, 7, func(ctx context.Context, name int) (*int, error) {
					value, err := store.read(ctx, name)
					if panics {
						panic(errDown)
					}
					return value, err
				})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: the reader got %v", name, err)
				}
			})
			synctest.Wait()
			for range 64 {
				group.Go(func() {
					if value, err := c.get(t.Context(), 7, store.read); err != nil || value == nil {
						t.Errorf("%s: got %v, %v", name, value, err)
					}
				})
			}
			group.Wait()
			if reads := store.reads.Load(); reads != 2 {
				t.Errorf("%s: %d reads, want 2", name, reads)
			}
		})
	}
}

// Whole decisions, 64 at once, cost one read of each record: of the key, the
// service, the organization, and the policy or the user.
func TestDecisionsShareReads(t *testing.T) {
	for kind := range kinds {
		w := newWorld()
		w.populate()
		w.during = func() { time.Sleep(time.Millisecond) }
		record := kinds[kind].key
		record.Org = "acme"
		v, key := w.verifier(ttl), w.mintAs(t, record)
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() {
				for range 10 {
					if d, err := v.Decide(t.Context(), bearer(key)); err != nil || d.Outcome != Allowed {
						t.Errorf("%s: %+v, %v", kind, d, err)
					}
				}
			})
		}
		group.Wait()
		grants := w.grantReads
		if keys, services := w.reads(); keys != 1 || services != 1 || grants > 3 {
			t.Errorf("%s: %d reads of keys, %d of services, %d of grants", kind, keys, services, grants)
		}
	}
}
