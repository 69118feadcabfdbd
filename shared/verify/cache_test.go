package verify

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
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

// With a TTL of 0, a revocation takes effect at once.
func TestRevocationAtOnce(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(0), w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	w.revoke(key.ID())
	if d := decide(t, v, bearer(key)); d.Outcome != Unauthenticated {
		t.Fatalf("got %+v", d)
	}
}

// A slow read does not revive a key. It finds the key, then the key is revoked
// and the revocation bound passes, and only then the read returns. The age of
// its result counts from its start, so the result is too old, and it does not
// replace what a newer read has found. A request at the end of the bound does
// not wait for the slow read.
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

// An entry is not used any more if the clock is set back to before the start of
// its read, or leaps forward, as after a freeze.
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

// For every schedule of overlapping reads, a revocation, and a clock that runs
// and leaps forward: nothing revoked is found at or after the end of the bound,
// even while entries are dropped all the time.
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

// slowRead is a running read, and what it will return.
type slowRead struct {
	since time.Time
	value content
}

func runSchedule(random *rand.Rand) string {
	at := time.Unix(1_700_000_000, 0)
	r := newRecordCache(Config{CacheTTL: ttl, Now: func() time.Time { return at }})
	r.small = newOwnerCache(ownerWeight + 4*(entryWeight+int(unsafe.Sizeof(keyRecord{}))))
	name := func(n int) name { return keyName(uuid.UUID{byte(n)}) }
	record, revokedAt := content(newKeyRecord(apikey.Key{Org: "acme"})), time.Time{}
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
			r.put(name(1), reads[i].value, reads[i].since, at)
			reads = append(reads[:i], reads[i+1:]...)
		case 4:
			if record != nil {
				record, revokedAt = nil, at
			}
		case 5: // other names push this one out
			for n := range random.IntN(6) {
				r.put(name(2+n), record, at, at)
			}
		case 6:
			at = at.Add(time.Duration(random.Int64N(int64(ttl))))
		case 7:
			found := r.find(name(1))
			if found != nil && found.value != nil && r.fresh(at, found.since) && !revokedAt.IsZero() && !at.Before(revokedAt.Add(ttl)) {
				return "a revoked key was found beyond the bound"
			}
		}
	}
	return ""
}

// In whatever order reads return, the result of the one that started last is
// cached.
func TestLatestReadWins(t *testing.T) {
	at, n := time.Unix(1_700_000_000, 0), keyName(uuid.UUID{1})
	record := newKeyRecord(apikey.Key{Org: "acme"})
	for range 1000 {
		r := newRecordCache(Config{CacheTTL: ttl, Now: func() time.Time { return at }})
		order := rand.Perm(6)
		for _, started := range order {
			value := content(record)
			if started%2 == 1 {
				value = nil
			}
			r.put(n, value, at.Add(time.Duration(started-6)*time.Millisecond), at)
		}
		if e := r.find(n); e == nil || e.value != nil {
			t.Fatalf("order %v: found %v, want what the last read found: nothing", order, e)
		}
		r.put(n, record, at, at)
		r.put(n, nil, at.Add(-time.Millisecond), at)
		if e := r.find(n); e == nil || e.value == nil {
			t.Fatalf("order %v: an older read's nothing replaced what a newer one found", order)
		}
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
