package actors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	// maxDepth limits the calls that are under way at once.
	maxDepth = 4
	// maxInterruptions limits the calls in the middle of a step's call.
	maxInterruptions = 8
	// maxStale is the number of attempts after which the rules give up a
	// change.
	maxStale = 8
)

// episode is a new organization and everything that its actors do.
type episode struct {
	*world
	rules  *apikey.Rules
	store  apikey.Store
	clock  *apikeytest.Clock
	report *Report
	trace  []string
	fault  error
	flaw   flaw
	// random decides everything in a step, including the calls that interrupt
	// it.
	random *rand.Rand
	// calls lists the running calls, the innermost last. left is how many more
	// calls may interrupt them.
	calls []*call
	left  int
	// compared is the number of changes at the last comparison with the store.
	compared int
	// named counts the names that were created.
	named int
	// foreignKey and foreignUser belong to another organization.
	foreignKey, foreignUser uuid.UUID
}

// step is one call of an episode. All random choices follow from its seed;
// interruptions limits the calls that interrupt it.
type step struct {
	seed          uint64
	interruptions int
}

// play runs an episode of the steps, up to the first fault.
func play(ctx context.Context, config Config, steps []step, report *Report) *episode {
	clock := apikeytest.NewClock()
	e := &episode{
		world: &world{now: clock.Now}, clock: clock, report: report, store: config.NewStore(), flaw: config.flaw,
		random: rand.New(rand.NewPCG(config.Seed, 0)),
	}
	peppers := &apikeytest.Peppers{}
	e.rules = &apikey.Rules{
		Store: watched{e.store, e}, Digester: peppers, PepperMaker: peppers, Vault: vault{}, Outcomes: vault{},
		Now: clock.Now, Entropy: config.Entropy(config.Seed), NFC: func(name string) string { return name },
	}
	e.establish(ctx)
	for _, s := range steps {
		if e.fault != nil {
			break
		}
		e.random, e.left = rand.New(rand.NewPCG(config.Seed, s.seed)), s.interruptions
		e.act(ctx)
	}
	return e
}

// interrupt sometimes makes other calls before the current one continues: one
// time in once, on average.
func (e *episode) interrupt(ctx context.Context, once int) {
	if e.left == 0 || len(e.calls) >= maxDepth || e.fault != nil || e.current().calm || !e.oneIn(once) {
		return
	}
	for range 1 + e.random.IntN(4) {
		if e.left == 0 || e.fault != nil {
			return
		}
		e.left--
		if e.oneIn(3) {
			e.act(ctx)
		} else {
			e.strike(ctx)
		}
	}
}

func (e *episode) current() *call { return e.calls[len(e.calls)-1] }

// fail records a fault, unless there was one before.
func (e *episode) fail(err error) {
	if e.fault == nil && err != nil {
		e.fault = err
		e.tell("FAULT: %v", err)
	}
}

// attempt makes a call, unless there was a fault, and checks its answer and its
// effects.
func (e *episode) attempt(ctx context.Context, c *call, what string, do func() error) error {
	if e.fault != nil {
		return e.fault
	}
	e.clock.Advance(time.Millisecond)
	line := e.tell("%s %s", e.teller(c), what)
	e.calls = append(e.calls, c)
	err := do()
	e.calls = e.calls[:len(e.calls)-1]
	e.report.count(c, err)
	if err != nil {
		e.trace[line] += ": " + outcome(err)
	}
	e.fail(e.answered(c, err))
	if e.fault == nil && e.compared != e.changes {
		e.compared = e.changes
		e.fail(e.compare(ctx, e.store))
	}
	return err
}

// answered returns an error if the call's result is wrong.
func (e *episode) answered(c *call, err error) error {
	switch kind := apikey.KindOf(err); {
	case err == nil || c.continues == sweeping:
		return nil
	case kind == apikey.Unavailable && c.stale >= maxStale: // other changes always came first
		return nil
	case kind == apikey.Internal || kind == apikey.Unavailable || kind == apikey.Stale:
		return fmt.Errorf("the call failed: %w", err)
	case c.commits > 0 && c.continues == "" && c.person != nil:
		return fmt.Errorf("the call was refused after its change: %w", err)
	}
	return nil
}
