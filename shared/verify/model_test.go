package verify

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// For every schedule of decisions, losses of any kind, reads that these
// overtake, and a clock that runs and leaps: nothing is allowed at or after the
// end of the bound that follows the loss, whichever record it was in.
func TestGrantRevocationModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	allowed := 0
	for range 2_500 {
		for name, loss := range losses {
			m := newModel(random, loss.kind)
			if fault := m.run(loss.change); fault != "" {
				t.Fatalf("%s: %s", name, fault)
			}
			allowed += m.allowed
		}
	}
	if allowed == 0 {
		t.Error("nothing was ever allowed: the model tries nothing")
	}
}

// model is one schedule: a key of one kind, and decisions about it.
type model struct {
	random  *rand.Rand
	w       *world
	v       *Verifier
	record  apikey.Key
	lostAt  time.Time
	allowed int
}

func newModel(random *rand.Rand, kind string) *model {
	w := newWorld()
	w.populate()
	record := kinds[kind].key
	record.ID, record.Org = uuid.UUID{9, 6: 0x40, 8: 0x80}, "acme"
	return &model{random: random, w: w, v: w.verifier(ttl), record: record}
}

func (m *model) run(lose func(*world)) string {
	for range 10 {
		switch m.random.IntN(4) {
		case 0, 1:
			if began := m.w.at; m.decides() && !m.lostAt.IsZero() && !began.Before(m.lostAt.Add(ttl)) {
				return fmt.Sprintf("allowed %v after the loss", began.Sub(m.lostAt))
			}
		case 2:
			m.w.at = m.w.at.Add(time.Duration(m.random.Int64N(int64(ttl))))
		case 3:
			if !m.lostAt.IsZero() {
				continue
			}
			if m.random.IntN(2) == 0 {
				m.lose(lose)
				continue
			}
			m.w.during = func() { // the loss overtakes a read, and time passes
				m.w.during = nil
				m.lose(lose)
				m.w.at = m.w.at.Add(time.Duration(m.random.Int64N(int64(2 * ttl))))
			}
		}
	}
	return ""
}

func (m *model) lose(lose func(*world)) {
	lose(m.w)
	m.lostAt = m.w.at
}

// decides reports whether the key could use the route. It leaves out the
// digest, which no schedule changes.
func (m *model) decides() bool {
	l := m.v.lookup(&Request{API: demoAPI})
	defer l.release()
	for needs := newKeyRecord(m.record).dependencies(""); l.requestAll(&needs, m.w.at); {
		m.v.records.fetch(context.Background(), l)
	}
	grant, err := apikey.Resolve(context.Background(), l, &m.record)
	service, _ := l.service()
	if err != nil || !service.held(grant).Has("ManageFiles") {
		return false
	}
	m.allowed++
	return true
}
