package stack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// RunSchedules invokes the scheduled functions as often as the table of
// operations says, until ctx ends. It logs failures; the next run tries again.
func (s *Stack) RunSchedules(ctx context.Context) {
	var wg sync.WaitGroup
	for _, op := range operations.All() {
		if op.Schedule != "" {
			wg.Go(func() {
				repeat(ctx, interval(op.Schedule), func() {
					if _, err := s.Invoke(ctx, op.Name, []byte("{}")); err != nil {
						s.options.Log(op.Name, "scheduled: "+err.Error())
					}
				})
			})
		}
	}
	wg.Wait()
}

// repeat calls do at an interval, one call at a time, until ctx ends.
func repeat(ctx context.Context, every time.Duration, do func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// interval returns the period of a schedule such as "rate(5 minutes)", the only
// form that the table uses.
func interval(schedule string) time.Duration {
	var minutes int
	if _, err := fmt.Sscanf(schedule, "rate(%d minutes)", &minutes); err != nil || minutes < 1 {
		panic("stack: not a rate in minutes: " + schedule)
	}
	return time.Duration(minutes) * time.Minute
}
