package actors

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/keyward/keyward/shared/apikey"
)

// Config says what to run.
type Config struct {
	// Seed determines everything that the actors do.
	Seed uint64
	// Operations is the minimum number of calls, including those that interrupt
	// others.
	Operations int
	// NewStore returns the empty store of an episode, and Entropy the bytes
	// from which its keys are made, from the episode's seed or better.
	NewStore func() apikey.Store
	Entropy  func(seed uint64) io.Reader
	// Retries limits how many episodes are run to find a shorter story of a
	// fault.
	Retries int

	flaw flaw
}

// Report says what a run has done.
type Report struct {
	// Operations counts calls, Refusals those that ended in an error, and Stale
	// the changes that were refused as Stale and decided again.
	Operations, Refusals, Stale int
	// Episodes counts organizations.
	Episodes int
	// Done and Refused count the calls of each kind.
	Done, Refused map[string]int
}

func newReport() *Report {
	return &Report{Done: make(map[string]int), Refused: make(map[string]int)}
}

func (r *Report) count(c *call, err error) {
	r.Operations++
	if err == nil {
		r.Done[c.kind]++
		return
	}
	r.Refusals++
	r.Refused[c.kind]++
}

// episodeSteps is how many steps an episode has: few enough that a person can
// read the story of a fault.
const episodeSteps = 60

// Run lets actors call until they have made as many calls as the config says,
// in one new organization after another. Its error describes the first fault,
// the calls that led to it, and the seed that reproduces it. Waits between
// attempts are real and take some milliseconds; run it in a testing/synctest
// bubble if the store allows that.
func Run(ctx context.Context, config Config) (Report, error) {
	report := newReport()
	for report.Operations < config.Operations && ctx.Err() == nil {
		episode := config
		episode.Seed = config.Seed + uint64(report.Episodes)
		report.Episodes++
		steps := script(episode.Seed)
		if e := play(ctx, episode, steps, report); e.fault != nil {
			return *report, story(ctx, episode, steps, e)
		}
	}
	return *report, ctx.Err()
}

// script returns the steps of an episode.
func script(seed uint64) []step {
	random := rand.New(rand.NewPCG(seed, 1))
	steps := make([]step, episodeSteps)
	for i := range steps {
		steps[i] = step{random.Uint64(), maxInterruptions}
	}
	return steps
}

// String returns the report in one line.
func (r Report) String() string {
	return fmt.Sprintf("%d operations in %d organizations, %d refusals, %d stale changes", r.Operations, r.Episodes, r.Refusals, r.Stale)
}
