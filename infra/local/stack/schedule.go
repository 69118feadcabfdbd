package stack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// RunSchedules invokes the functions that run by themselves, each as often as
// the table of operations says, until ctx ends. A failure is logged, and tried
// again the next time.
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

// repeat does something every so often, one at a time, until ctx ends.
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

// interval is the time of a schedule such as "rate(5 minutes)", the only form
// that the table uses.
func interval(schedule string) time.Duration {
	var minutes int
	if _, err := fmt.Sscanf(schedule, "rate(%d minutes)", &minutes); err != nil || minutes < 1 {
		panic("stack: not a rate in minutes: " + schedule)
	}
	return time.Duration(minutes) * time.Minute
}
