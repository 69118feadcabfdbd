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
	"github.com/keyward/keyward/shared/uuid"
)

// slow is a store that has every key and status, and takes a second for a read.
type slow struct {
	reads, asked atomic.Int32
	// fail fails reads that request a record, and damaged fails only that
	// record.
	fail, damaged func(apikey.Ref) error
}

func (s *slow) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	s.reads.Add(1)
	s.asked.Add(int32(len(refs)))
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, apikey.UnavailableError("read", ctx.Err())
	}
	found := apikey.Found{}
	for _, ref := range refs {
		if s.fail != nil && s.fail(ref) != nil {
			return nil, s.fail(ref)
		}
		found[ref] = apikey.Finding{Record: apikey.Key{ID: ref.ID, Org: "acme"}}
		if ref.Subject == apikey.SubjectStatus {
			found[ref] = apikey.Finding{Record: apikey.Status{Org: ref.Org}}
		}
		if s.damaged != nil && s.damaged(ref) != nil {
			found[ref] = apikey.Finding{Err: s.damaged(ref)}
		}
	}
	return found, nil
}

func live(reader apikey.Reader, ttl time.Duration) *recordCache {
	return newRecordCache(Config{Reader: reader, CacheTTL: ttl, Now: time.Now})
}

func keyOf(n int) name { return keyName(uuid.UUID{byte(n >> 8), byte(n)}) }

// always returns err for every record.
func always(err error) func(apikey.Ref) error { return func(apikey.Ref) error { return err } }

// only returns err for one record.
func only(n name, err error) func(apikey.Ref) error {
	return func(ref apikey.Ref) error {
		if ref == n.ref() {
			return err
		}
		return nil
	}
}

// However many callers request the same record at once, one read serves them
// all, even if it fails. Callers do not wait for records that only others
// requested.
func TestOneReadForAll(t *testing.T) {
	down := apikey.UnavailableError("read", errDown)
	for name, store := range map[string]*slow{
		"found": {}, "nothing": {damaged: always(apikey.NoSuch(apikey.SubjectKey))}, "failed": {fail: always(down)}, "damaged": {damaged: always(down)},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := live(store, ttl)
			for range 64 {
				go func() {
					value, err := ask(t.Context(), r, keyOf(7))
					if (err != nil) != (name == "failed" || name == "damaged") || (value != nil) != (name == "found") {
						t.Errorf("%s: got %v, %v", name, value, err)
					}
				}()
			}
			synctest.Wait()
			began := time.Now()
			if _, _ = ask(t.Context(), r, keyOf(8)); time.Since(began) != time.Second {
				t.Errorf("%s: another name: after %v", name, time.Since(began))
			}
			synctest.Wait()
			if reads := store.reads.Load(); reads != 2 || r.flights.Len() != 0 {
				t.Errorf("%s: %d reads, %d left behind", name, reads, r.flights.Len())
			}
		})
	}
}

// A caller who requests several records reads those that nobody is reading yet,
// and waits for the others. Each record is read once, and nobody waits longer
// than for both reads.
func TestOverlappingReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store slow
		r, began := live(&store, ttl), time.Now()
		var group sync.WaitGroup
		for n := range 64 {
			group.Go(func() {
				time.Sleep(time.Duration(n) * time.Millisecond)
				asked := time.Now()
				if value, err := ask(t.Context(), r, keyOf(n), statusName("acme")); value == nil || err != nil {
					t.Errorf("%d: %v, %v", n, value, err)
				}
				if took := time.Since(asked); took != time.Second {
					t.Errorf("%d waited %v", n, took)
				}
			})
		}
		group.Wait()
		if store.reads.Load() != 64 || store.asked.Load() != 65 || time.Since(began) != time.Second+63*time.Millisecond {
			t.Errorf("%d reads of %d records in %v", store.reads.Load(), store.asked.Load(), time.Since(began))
		}
	})
}

// A read that fails because of one record fails only the callers who requested
// that record. Those who wait for another record of the read read it
// themselves, once for all.
func TestFailuresStayApart(t *testing.T) {
	down := apikey.UnavailableError("read", errDown)
	for name, store := range map[string]*slow{
		"the whole read": {fail: only(keyOf(0), down)}, "the record": {damaged: only(keyOf(0), down)},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := live(store, ttl)
			var group sync.WaitGroup
			for n := range 64 {
				group.Go(func() {
					time.Sleep(time.Duration(n) * time.Millisecond)
					if _, err := ask(t.Context(), r, keyOf(n), statusName("acme")); (err != nil) != (n == 0) {
						t.Errorf("%s: %d got %v", name, n, err)
					}
				})
			}
			group.Wait()
			if reads := store.reads.Load(); reads > 65 {
				t.Errorf("%s: %d reads", name, reads)
			}
		})
	}
}

// During an outage, every caller reads once and then gives up: nobody waits for
// one failure after the other.
func TestOutageCostsOneReadEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := slow{fail: always(apikey.UnavailableError("read", errDown))}
		r, began := live(&store, ttl), time.Now()
		var group sync.WaitGroup
		for n := range 64 {
			group.Go(func() {
				if _, err := ask(t.Context(), r, keyOf(n), statusName("acme")); !errors.Is(err, errDown) {
					t.Errorf("%d got %v", n, err)
				}
			})
		}
		group.Wait()
		if store.reads.Load() != 64 || time.Since(began) != time.Second {
			t.Errorf("%d reads in %v", store.reads.Load(), time.Since(began))
		}
	})
}

// With a TTL of 0 every caller reads, because another read may have seen older
// records.
func TestNothingIsSharedWithoutTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store slow
		r := live(&store, 0)
		for range 64 {
			go func() { _, _ = ask(t.Context(), r, keyOf(7)) }()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if reads := store.reads.Load(); reads != 64 || r.flights.Len() != 0 {
			t.Errorf("%d reads for 64 questions, %d left behind", reads, r.flights.Len())
		}
	})
}

// A caller who waits for another's read waits no longer than its own deadline;
// then the error is Unavailable.
func TestWaiterKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store slow
		r := live(&store, ttl)
		go func() { _, _ = ask(t.Context(), r, keyOf(7)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		value, err := ask(ctx, r, keyOf(7))
		if took := time.Since(began); value != nil || apikey.KindOf(err) != apikey.Unavailable || took != 300*time.Millisecond {
			t.Errorf("got %v, %v after %v", value, err, took)
		}
		synctest.Wait()
		time.Sleep(time.Second)
	})
}

// A reader that runs out of time or panics fails only itself: those who waited
// read for themselves, once.
func TestReaderGone(t *testing.T) {
	for name, panics := range map[string]bool{"deadline": false, "panic": true} {
		synctest.Test(t, func(t *testing.T) {
			var store slow
			first := true
			r := live(readerFunc(func(ctx context.Context, refs []apikey.Ref) (apikey.Found, error) {
				faulty := first && panics
				first = false
				found, err := store.Read(ctx, refs...)
				if faulty {
					panic(errDown)
				}
				return found, err
			}), ttl)
			var group sync.WaitGroup
			group.Go(func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if _, err := ask(ctx, r, keyOf(7), statusName("acme")); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: the reader got %v", name, err)
				}
			})
			synctest.Wait()
			for range 64 {
				group.Go(func() {
					if value, err := ask(t.Context(), r, keyOf(7)); err != nil || value == nil {
						t.Errorf("%s: got %v, %v", name, value, err)
					}
				})
			}
			group.Wait()
			if reads := store.reads.Load(); reads != 2 || r.flights.Len() != 0 {
				t.Errorf("%s: %d reads, want 2; %d left behind", name, reads, r.flights.Len())
			}
		})
	}
}

// 64 concurrent decisions cost one read of each record: of the key, the
// service, the status, and the policy or the user.
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
		if got, want := w.spent().records, 2+kinds[kind].grantReads; got != want {
			t.Errorf("%s: %d records were read, want %d", kind, got, want)
		}
	}
}
