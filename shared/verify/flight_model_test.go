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

// In every schedule of callers who share reads, of reads that see the record at
// some moment and answer much later, of callers with little time, and of a
// revocation: nobody who asks at or after the end of the bound is told of the
// revoked record, nobody waits beyond its own deadline, and none who has the
// time fails.
func TestSharedReadsModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 4))
	shared := 0
	for range 2_000 {
		synctest.Test(t, func(t *testing.T) {
			m := sharedModel{t: t, random: random, cache: liveCache(ttl), revocation: time.Now().Add(some(random, 2*ttl))}
			m.run()
			shared += 16 - int(m.reads.Load())
		})
		if t.Failed() {
			return
		}
	}
	if shared == 0 {
		t.Error("no read was ever shared: the model tries nothing")
	}
}

// sharedModel is one schedule of one name.
type sharedModel struct {
	t          *testing.T
	random     *rand.Rand
	cache      *cache[int, int]
	revocation time.Time
	reads      atomic.Int32
}

func some(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

func (m *sharedModel) run() {
	for range 16 {
		before, after, allowed := some(m.random, 2*ttl), some(m.random, 2*ttl), time.Hour
		if m.random.IntN(3) == 0 {
			allowed = some(m.random, ttl)
		}
		start := some(m.random, 4*ttl)
		go func() {
			time.Sleep(start)
			m.ask(before, after, allowed)
		}()
	}
	time.Sleep(2 * time.Hour)
	synctest.Wait()
}

// ask is one caller: its own read would see the record after one time, and
// answer after another.
func (m *sharedModel) ask(before, after, allowed time.Duration) {
	ctx, cancel := context.WithTimeout(m.t.Context(), allowed)
	defer cancel()
	began := time.Now()
	value, err := m.cache.get(ctx, 1, func(ctx context.Context, name int) (*int, error) {
		m.reads.Add(1)
		var seen *int
		for i, wait := range []time.Duration{before, after} {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil, apikey.Failed("read", ctx.Err())
			}
			if i == 0 && time.Now().Before(m.revocation) {
				seen = &name
			}
		}
		if seen == nil {
			return nil, apikey.NoSuch(apikey.SubjectKey)
		}
		return seen, nil
	})
	if value != nil && !began.Before(m.revocation.Add(ttl)) {
		m.t.Errorf("told of the record %v after its revocation", began.Sub(m.revocation))
	}
	if took := time.Since(began); took > allowed {
		m.t.Errorf("waited %v with a deadline of %v", took, allowed)
	}
	if err != nil && ctx.Err() == nil {
		m.t.Errorf("failed though there was time: %v", err)
	}
}
