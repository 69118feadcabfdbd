package verify

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// This holds for every schedule of callers who request one or several records
// and share reads, of reads that see the records at some moment and return much
// later, of callers with little time, of a record whose reads fail, and of a
// revocation of each record. Nobody who asks at or after the end of the bound
// gets a revoked record. Nobody waits beyond their own deadline. Nobody fails
// who has the time and does not request the failing record.
func TestSharedReadsModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 4))
	shared := 0
	for range 2_000 {
		synctest.Test(t, func(t *testing.T) {
			m := newSharedModel(t, random)
			m.run()
			shared += int(m.wanted.Load() - m.asked.Load())
		})
		if t.Failed() {
			return
		}
	}
	if shared == 0 {
		t.Error("no read was ever shared: the model tries nothing")
	}
}

// sharedModel is one schedule of a few records.
type sharedModel struct {
	t       *testing.T
	random  *rand.Rand
	records *recordCache
	// revocations are the times at which each record ends, and cursed is the
	// record whose reads fail.
	revocations   map[apikey.Ref]time.Time
	cursed        apikey.Ref
	wanted, asked atomic.Int32
}

// modelled are names of three kinds, because a lookup requests at most one of
// each.
var modelled = [][]name{
	{keyOf(1), keyOf(2)}, {statusName("acme")}, {policyName("acme", policyID), policyName("acme", userID)},
}

func some(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

func newSharedModel(t *testing.T, random *rand.Rand) *sharedModel {
	m := &sharedModel{t: t, random: random, revocations: map[apikey.Ref]time.Time{}}
	m.records = live(readerFunc(m.read), ttl)
	for _, names := range modelled {
		for _, n := range names {
			m.revocations[n.ref()] = time.Now().Add(some(random, 2*ttl))
		}
	}
	if random.IntN(2) == 0 {
		m.cursed = keyOf(2).ref()
	}
	return m
}

// pace is how long a caller's own read takes until it sees the records, and
// from then until it returns.
type pace struct{ before, after time.Duration }

type paceKey struct{}

func (m *sharedModel) run() {
	for range 16 {
		var names []name
		for _, choice := range modelled {
			if m.random.IntN(2) == 0 {
				names = append(names, choice[m.random.IntN(len(choice))])
			}
		}
		p, allowed, start := pace{some(m.random, 2*ttl), some(m.random, 2*ttl)}, time.Hour, some(m.random, 4*ttl)
		if m.random.IntN(3) == 0 {
			allowed = some(m.random, ttl)
		}
		if len(names) == 0 {
			continue
		}
		m.wanted.Add(int32(len(names)))
		go func() {
			time.Sleep(start)
			ctx, cancel := context.WithTimeout(context.WithValue(m.t.Context(), paceKey{}, p), allowed)
			defer cancel()
			m.ask(ctx, allowed, names)
		}()
	}
	time.Sleep(2 * time.Hour)
	synctest.Wait()
}

// ask does one caller's lookup.
func (m *sharedModel) ask(ctx context.Context, allowed time.Duration, names []name) {
	began, doomed := time.Now(), false
	l := (&Verifier{records: m.records, builtin: unbuilt}).lookup(&Request{})
	m.records.mu.Lock()
	for _, n := range names {
		l.request(n, began)
		doomed = doomed || n.ref() == m.cursed
	}
	m.records.mu.Unlock()
	m.records.fetch(ctx, l)
	for _, n := range names {
		s := l.slots[n.kind]
		if s.value != nil && !began.Before(m.revocations[n.ref()].Add(ttl)) {
			m.t.Errorf("told of %v %v after its revocation", n, began.Sub(m.revocations[n.ref()]))
		}
		if s.state != settled || s.err != nil && ctx.Err() == nil && !doomed {
			m.t.Errorf("%v: state %v and %v though there was time", n, s.state, s.err)
		}
	}
	if took := time.Since(began); took > allowed {
		m.t.Errorf("waited %v with a deadline of %v", took, allowed)
	}
}

// read does the store's read, at the caller's pace.
func (m *sharedModel) read(ctx context.Context, refs []apikey.Ref) (apikey.Found, error) {
	m.asked.Add(int32(len(refs)))
	p := ctx.Value(paceKey{}).(pace)
	found := apikey.Found{}
	for i, wait := range []time.Duration{p.before, p.after} {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, apikey.UnavailableError("read", ctx.Err())
		}
		for _, ref := range refs {
			if ref == m.cursed {
				return nil, apikey.UnavailableError("read", errDown)
			}
			if i == 0 {
				found[ref] = m.see(ref)
			}
		}
	}
	return found, nil
}

// see returns a record as it is at this moment.
func (m *sharedModel) see(ref apikey.Ref) apikey.Finding {
	if !time.Now().Before(m.revocations[ref]) {
		return apikey.Finding{Err: apikey.NoSuch(ref.Subject)}
	}
	switch ref.Subject {
	case apikey.SubjectKey:
		return apikey.Finding{Record: apikey.Key{ID: ref.ID, Org: "acme"}}
	case apikey.SubjectStatus:
		return apikey.Finding{Record: apikey.Status{Org: ref.Org}}
	}
	return apikey.Finding{Record: apikey.Policy{ID: ref.ID, Org: ref.Org}}
}
