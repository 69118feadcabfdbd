package actors

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// story returns an error with the trace of the shortest episode found that has
// a fault.
func story(ctx context.Context, config Config, steps []step, last *episode) error {
	tries := config.Retries
	steps = shrink(steps, func(steps []step) bool {
		if tries--; tries < 0 {
			return false
		}
		e := play(ctx, config, steps, newReport())
		if e.fault != nil {
			last = e
		}
		return e.fault != nil
	})
	return fmt.Errorf("seed %d, by %d of its %d steps:\n%s", config.Seed, len(steps), episodeSteps, strings.Join(last.trace, "\n"))
}

// shrink leaves out steps and interruptions, as long as the remaining ones
// still fail.
func shrink(steps []step, fails func([]step) bool) []step {
	for size := len(steps) / 2; size > 0; {
		before := len(steps)
		for i := len(steps) - size; i >= 0; i -= size {
			if i+size > len(steps) {
				continue
			}
			if shorter := slices.Delete(slices.Clone(steps), i, i+size); fails(shorter) {
				steps = shorter
			}
		}
		if len(steps) == before {
			size /= 2
		}
		size = min(size, len(steps))
	}
	for i := range steps {
		for n := range steps[i].interruptions {
			calmer := slices.Clone(steps)
			calmer[i].interruptions = n
			if fails(calmer) {
				steps = calmer
				break
			}
		}
	}
	return steps
}
