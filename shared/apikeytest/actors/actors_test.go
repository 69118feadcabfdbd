package actors

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

// inMemory returns the config of a run on in-memory stores.
func inMemory(seed uint64, operations int) Config {
	return Config{
		Seed: seed, Operations: operations, Retries: 1000,
		NewStore: func() apikey.Store { return apikeytest.NewStore() },
		Entropy:  apikeytest.Entropy,
	}
}

// run runs in a synctest bubble, where waits between attempts take no time.
func run(t *testing.T, config Config) (report Report, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { report, err = Run(t.Context(), config) })
	return report, err
}

// number returns the number in an environment variable, or otherwise if it is
// not set.
func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q: set it to a whole number", variable, text)
	}
	return n
}

// Whatever calls are made, and whatever calls interrupt them, nobody holds a
// permission that was not given by somebody who held it. KEYWARD_ACTORS sets
// the number of calls (default 3,000). KEYWARD_ACTORS_SEED reproduces a fault.
func TestActors(t *testing.T) {
	seed := number(t, "KEYWARD_ACTORS_SEED", rand.Uint64())
	began := time.Now()
	report, err := run(t, inMemory(seed, int(number(t, "KEYWARD_ACTORS", 3000))))
	t.Logf("seed %d: %v, in %v", seed, report, time.Since(began).Round(time.Second))
	for _, kind := range kinds() {
		t.Logf("%-29s %7d done %7d refused", kind, report.Done[kind], report.Refused[kind])
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A run covers everything. Every kind of call succeeds at least once, every
// kind except the operator's is refused at least once, and some changes are
// Stale.
func TestEverythingHappens(t *testing.T) {
	report, err := run(t, inMemory(1, 3000))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds() {
		operators := kind == "suspend or resume" || kind == "sweep" || kind == "bootstrap"
		if report.Done[kind] == 0 || report.Refused[kind] == 0 && !operators {
			t.Errorf("%s: %d done, %d refused", kind, report.Done[kind], report.Refused[kind])
		}
	}
	if report.Stale < 100 {
		t.Errorf("%d changes were stale", report.Stale)
	}
}

// A seed gives the same trace each time.
func TestSeedsTellTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := inMemory(7, 0)
		first, again := newReport(), newReport()
		a, b := play(t.Context(), config, script(7), first), play(t.Context(), config, script(7), again)
		if !slices.Equal(a.trace, b.trace) || len(a.trace) < episodeSteps {
			t.Errorf("%d lines are told, then %d", len(a.trace), len(b.trace))
		}
	})
}

// shrink leaves few of the steps that led to a fault.
func TestShrink(t *testing.T) {
	guilty := []uint64{3, 41}
	steps := shrink(script(1), func(steps []step) bool {
		return slices.ContainsFunc(steps, func(s step) bool {
			return s == script(1)[guilty[0]] || s.seed == script(1)[guilty[0]].seed && s.interruptions >= 2
		}) &&
			slices.ContainsFunc(steps, func(s step) bool { return s.seed == script(1)[guilty[1]].seed })
	})
	if len(steps) != 2 || steps[0].interruptions != 2 || steps[1].interruptions != 0 {
		t.Errorf("it takes %+v", steps)
	}
}

// kinds returns the kinds of calls that a run makes.
func kinds() []string {
	all := []string{"give a post", "delete a policy with its keys", "suspend or resume", "sweep", "bootstrap"}
	for _, o := range operations {
		if o.kind != "pass a key on" { // which is no call
			all = append(all, o.kind)
		}
	}
	return all
}
