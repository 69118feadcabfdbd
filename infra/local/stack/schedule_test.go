package stack

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/infra/plan"
)

// A scheduled function runs each time that it is due, never earlier, and not
// once the stack is stopping.
func TestRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var runs atomic.Int32
		go repeat(ctx, time.Minute, func() { runs.Add(1) })
		for _, step := range []struct {
			wait time.Duration
			want int32
		}{{59 * time.Second, 0}, {2 * time.Second, 1}, {2 * time.Minute, 3}} {
			time.Sleep(step.wait)
			synctest.Wait()
			if runs.Load() != step.want {
				t.Errorf("after %s more: %d runs, want %d", step.wait, runs.Load(), step.want)
			}
		}
		stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		if runs.Load() != 3 {
			t.Errorf("%d runs after the end", runs.Load())
		}
	})
}

// The table's schedules can be parsed. Another form is a fault of the table, and
// ends the stack.
func TestInterval(t *testing.T) {
	scheduled := 0
	for _, op := range plan.Functions() {
		if op.Schedule != "" {
			scheduled++
			if every := interval(op.Schedule); every <= time.Duration(op.TimeoutSeconds)*time.Second {
				t.Errorf("%s runs every %s, and may take %d s", op.Name, every, op.TimeoutSeconds)
			}
		}
	}
	if scheduled == 0 {
		t.Error("nothing is on a schedule")
	}
	for _, schedule := range []string{"cron(0 12 * * ? *)", "rate(0 minutes)", ""} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken", schedule)
				}
			}()
			interval(schedule)
		}()
	}
}
