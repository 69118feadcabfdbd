package verify

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

const ttl = 5 * time.Second

// A revoked key is allowed for less than the TTL after its revocation, and
// never again.
func TestRevocationBound(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	w.revoke(key.ID())
	w.step(ttl - time.Nanosecond)
	if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
		t.Fatalf("within the bound: %+v", d)
	}
	for range 4 {
		w.step(time.Nanosecond)
		if d := decide(t, v, bearer(key)); d.Outcome != Unauthenticated {
			t.Fatalf("beyond the bound: %+v", d)
		}
		w.step(ttl)
	}
}

// With a TTL of 0 a revocation counts at once.
func TestRevocationAtOnce(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(0), w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	w.revoke(key.ID())
	if d := decide(t, v, bearer(key)); d.Outcome != Unauthenticated {
		t.Fatalf("got %+v", d)
	}
}

// A read that found the key, was then overtaken by its revocation and by the
// end of the bound, and comes back late does not revive it: neither by itself,
// since its answer's age counts from its start, nor past what a newer read has
// found. Who asks at the end of the bound does not wait for it.
func TestSlowReadDoesNotRevive(t *testing.T) {
	for name, overtaken := range map[string]bool{"by a newer read": true, "by the bound": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
			w.during = func() { // in the slow read, which has seen the key
				w.during = nil
				w.revoke(key.ID())
				w.step(ttl)
				if !overtaken {
					return
				}
				if d := decide(t, v, bearer(key)); d.Code != KeyUnknown {
					t.Errorf("the newer read: %+v", d)
				}
			}
			decide(t, v, bearer(key))
			if d := decide(t, v, bearer(key)); d.Outcome != Unauthenticated {
				t.Errorf("after the slow read: %+v", d)
			}
		})
	}
}

// A clock that is set back before an entry's beginning ends the entry; one that
// leaps forward, as after a freeze, does too.
func TestClockLeaps(t *testing.T) {
	for _, leap := range []time.Duration{-time.Nanosecond, -time.Hour, ttl, time.Hour} {
		w := newWorld()
		v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
		decide(t, v, bearer(key))
		w.revoke(key.ID())
		w.step(leap)
		if d := decide(t, v, bearer(key)); d.Outcome != Unauthenticated {
			t.Errorf("after a leap of %v: %+v", leap, d)
		}
	}
}

// In every schedule of overlapping reads, a revocation, and a clock that runs
// and leaps forward: nothing that was revoked is found at or after the end of the
// bound, though entries are pushed out all the while.
func TestRevocationModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 100_000 {
		if fault := runSchedule(random); fault != "" {
			t.Fatal(fault)
		}
	}
}

// slowRead is a read under way, and what it will answer.
type slowRead struct {
	since time.Time
	value *apikey.Key
}

func runSchedule(random *rand.Rand) string {
	at := time.Unix(1_700_000_000, 0)
	c := newCache[int, apikey.Key](ttl, Config{Now: func() time.Time { return at }}, 4, 4)
	record, revokedAt := &apikey.Key{Version: 1}, time.Time{}
	var reads []slowRead
	for range 24 {
		switch random.IntN(8) {
		case 0, 1: // a read starts, and sees the record as it is
			reads = append(reads, slowRead{at, record})
		case 2, 3: // a read comes back, in any order
			if len(reads) == 0 {
				continue
			}
			i := random.IntN(len(reads))
			c.put(1, reads[i].value, reads[i].since, at)
			reads = append(reads[:i], reads[i+1:]...)
		case 4:
			if record != nil {
				record, revokedAt = nil, at
			}
		case 5: // other names push this one out
			for name := range random.IntN(6) {
				c.put(2+name, record, at, at)
			}
		case 6:
			at = at.Add(time.Duration(random.Int64N(int64(ttl))))
		case 7:
			if value, _ := c.fresh(1, at); value != nil && !revokedAt.IsZero() && !at.Before(revokedAt.Add(ttl)) {
				return "a revoked key was found beyond the bound"
			}
		}
	}
	return ""
}

// Whatever the order in which reads come back, what the one that started last
// found is what counts.
func TestLatestReadWins(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for range 1000 {
		c := newCache[int, int](ttl, Config{Now: func() time.Time { return at }}, 10, 10)
		order := rand.Perm(6)
		for _, started := range order {
			value := &started
			if started%2 == 1 {
				value = nil
			}
			c.put(1, value, at.Add(time.Duration(started-6)*time.Millisecond), at)
		}
		if got, found := c.fresh(1, at); !found || got != nil {
			t.Fatalf("order %v: found %v, want what the last read found: nothing", order, got)
		}
		c.put(1, &order[0], at, at)
		c.put(1, nil, at.Add(-time.Millisecond), at)
		if got, found := c.fresh(1, at); !found || got == nil {
			t.Fatalf("order %v: an older read's nothing replaced what a newer one found", order)
		}
	}
}

// A flood of junk keys fills a bounded memory of its own: keys in use are still
// known without a read, and no more than the bounds is held.
func TestJunkFlood(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	w.reads()
	const junk = 20_000
	for range junk {
		decide(t, v, bearer(newKey(t)))
	}
	decide(t, v, bearer(key))
	wantReads(t, w, junk, 0)
	if n := len(v.keys.absent.young) + len(v.keys.absent.old); n > maxAbsent {
		t.Errorf("%d absent keys are held, more than %d", n, maxAbsent)
	}
}

// However many names are asked for, no more than the limit is held, and the one
// that is asked for again and again stays.
func TestCacheIsBounded(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	c := newCache[int, int](ttl, Config{Now: func() time.Time { return at }}, 100, 10)
	found := func(_ context.Context, name int) (*int, error) { return &name, nil }
	reads := 0
	counted := func(ctx context.Context, name int) (*int, error) { reads++; return found(ctx, name) }
	for name := range 10_000 {
		if got, err := c.get(t.Context(), name, found); err != nil || *got != name {
			t.Fatalf("got %v, %v", got, err)
		}
		if got, err := c.get(t.Context(), -1, counted); err != nil || *got != -1 {
			t.Fatalf("got %v, %v", got, err)
		}
		if n := len(c.present.young) + len(c.present.old); n > 100 {
			t.Fatalf("%d entries are held", n)
		}
	}
	if reads != 1 {
		t.Errorf("the name in use was read %d times", reads)
	}
}

// No altered credential is accepted, in as many tries as KEYWARD_MUTATIONS says
// (default 100,000): altered texts, and well-formed keys with the right id and
// another secret.
func TestMutatedCredentials(t *testing.T) {
	tries := 100_000
	if text := os.Getenv("KEYWARD_MUTATIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("KEYWARD_MUTATIONS is %q: set it to a whole number from 1", text)
		}
		tries = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d tries", seed, tries)
	random := rand.New(rand.NewPCG(seed, 2))
	w := newWorld()
	v, key := w.verifier(MaxCacheTTL), w.mint(t, "acme", "ManageFiles")
	m := mutator{random, key, t}
	request := bearer(key)
	reached := 0
	for range tries {
		request.Authorization = m.authorization()
		d, err := v.Decide(t.Context(), request)
		if err != nil || d.Outcome == Allowed {
			t.Fatalf("seed %d: outcome %d, %v", seed, d.Outcome, err)
		}
		if d.Code == SecretWrong {
			reached++
		}
	}
	if reached < tries/10 {
		t.Errorf("only %d of %d reached the digest", reached, tries)
	}
	request.Authorization = []string{"Bearer " + key.Reveal()}
	if d := decide(t, v, request); d.Outcome != Allowed {
		t.Errorf("the key itself: %+v", d)
	}
}
