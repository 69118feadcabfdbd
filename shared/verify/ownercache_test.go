package verify

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// This holds for every order in which records are put, found, replaced and
// dropped. The cache's weight is that of its records, and never above the
// ceiling. It holds no name that none of an owner's records uses. To make room
// for an owner's record, it drops nothing of an owner who holds less.
func TestOwnerCacheModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 5))
	dropped := 0
	for range 100 {
		s := newOwnerCache(2000 + random.IntN(20_000))
		for range 300 {
			before := snapshot(s)
			n := policyName(apikey.OrgID(fmt.Sprint("org-", random.IntN(5))), uuid.UUID{byte(random.IntN(20))})
			switch random.IntN(4) {
			case 0:
				s.find(n)
			case 1:
				s.drop(s.entries.get(&n))
			default:
				s.put(n, newPolicyRecord(apikey.Policy{Permissions: texts("P", random.IntN(10), random.IntN(20))}), time.Unix(0, 0), n.org, time.Unix(0, 0))
				for lost := range before.records {
					if s.entries.get(&lost) == nil && lost.org != n.org {
						dropped++
						if now := s.owners[n.org]; now != nil && before.weights[lost.org] < min(now.weight, before.weights[n.org]) {
							t.Fatalf("%v was dropped, of one who held %d, for one who held %d", lost, before.weights[lost.org], before.weights[n.org])
						}
					}
				}
			}
			checkShelf(t, s)
		}
		for e := range s.entries.all() {
			s.drop(e)
		}
		if s.weight != 0 || len(s.owners) != 0 {
			t.Fatalf("an empty shelf weighs %d", s.weight)
		}
	}
	if dropped == 0 {
		t.Error("nothing was ever dropped for another: the model tries nothing")
	}
}

// snap is what a cache held.
type snap struct {
	records map[name]bool
	weights map[string]int
}

func snapshot(s *ownerCache) snap {
	now := snap{map[name]bool{}, map[string]int{}}
	for e := range s.entries.all() {
		now.records[e.name] = true
	}
	for id, o := range s.owners {
		now.weights[id] = o.weight
	}
	return now
}

func checkShelf(t *testing.T, s *ownerCache) {
	t.Helper()
	all, entries := 0, 0
	for _, o := range s.owners {
		all += o.weight
		uses := map[string]int{}
		last := (*entry)(nil)
		for e := o.newest; e != nil; last, e = e, e.older {
			entries++
			if e.owner != o || s.entries.get(&e.name) != e || e.newer != last {
				t.Fatalf("the list of %s is broken", o.id)
			}
			for _, text := range e.value.(*policyRecord).permissions {
				uses[text]++
			}
		}
		if o.oldest != last || last == nil || len(uses) != len(o.names) {
			t.Fatalf("%s has %d names, of %d in use", o.id, len(o.names), len(uses))
		}
		for text, n := range uses {
			if o.names[text].uses != n {
				t.Fatalf("%s: %s is counted %d times, and used %d", o.id, text, o.names[text].uses, n)
			}
		}
	}
	if all != s.weight || s.weight > s.ceiling || entries != s.entries.len() {
		t.Fatalf("%d of %d bytes, in parts %d; %d of %d records", s.weight, s.ceiling, all, entries, s.entries.len())
	}
}

// However many names are requested, a record that is requested again and again
// stays.
func TestRecordInUseStays(t *testing.T) {
	s := newOwnerCache(100 * entryWeight)
	at := time.Unix(1_700_000_000, 0)
	s.put(keyOf(0), newKeyRecord(apikey.Key{}), at, "acme", at)
	for n := range 10_000 {
		s.put(keyOf(1+n), newKeyRecord(apikey.Key{}), at, "acme", at)
		if s.find(keyOf(0)) == nil {
			t.Fatalf("it is gone after %d", n)
		}
	}
}

// A record that is larger than the cache is not cached, and displaces nobody
// else's records.
func TestTooLargeARecord(t *testing.T) {
	s := newOwnerCache(50_000)
	at := time.Unix(1_700_000_000, 0)
	s.put(keyOf(0), newKeyRecord(apikey.Key{}), at, "acme", at)
	s.put(keyOf(1), newPolicyRecord(apikey.Policy{Permissions: texts("P", 0, 3000)}), at, "other", at)
	if s.entries.len() != 1 || s.find(keyOf(0)) == nil {
		t.Errorf("%d records are cached", s.entries.len())
	}
}

func (b *byName) len() int { return len(b.keys) + len(b.others) }

// all returns every record, in no order.
func (b *byName) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, e := range b.keys {
			if !yield(e) {
				return
			}
		}
		for _, e := range b.others {
			if !yield(e) {
				return
			}
		}
	}
}
