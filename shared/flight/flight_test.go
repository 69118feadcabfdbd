package flight_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/flight"
)

type group = flight.Group[string, int]

// One read answers all concurrent callers for a key, even if it fails. Later
// callers start a new read, and so do those for another key.
func TestDoReadsOnce(t *testing.T) {
	for _, want := range []error{nil, errors.New("down")} {
		synctest.Test(t, func(t *testing.T) {
			var g group
			var reads atomic.Int32
			read := func(context.Context) (int, error) {
				time.Sleep(time.Second)
				return int(reads.Add(1)), want
			}
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					if got, err := g.Do(t.Context(), "a", time.Minute, read); got != 1 || !errors.Is(err, want) {
						t.Errorf("got %d, %v", got, err)
					}
				})
			}
			all.Wait()
			_, _ = g.Do(t.Context(), "a", time.Minute, read)
			_, _ = g.Do(t.Context(), "b", time.Minute, read)
			if reads.Load() != 3 || g.Len() != 0 {
				t.Errorf("%d reads, %d left behind", reads.Load(), g.Len())
			}
		})
	}
}

// A caller waits no longer than its own context allows. If it gives up, the read
// that it began goes on for the others, with its own deadline.
func TestCallersGiveUpAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		read := func(ctx context.Context) (int, error) {
			if deadline, _ := ctx.Deadline(); time.Until(deadline) != time.Minute {
				t.Errorf("the read has %v", time.Until(deadline))
			}
			select {
			case <-time.After(time.Second):
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		began := time.Now()
		var all sync.WaitGroup
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := g.Do(ctx, "a", time.Minute, read); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 100*time.Millisecond {
				t.Errorf("the first got %v after %v", err, time.Since(began))
			}
		})
		synctest.Wait()
		all.Go(func() {
			if got, err := g.Do(t.Context(), "a", time.Minute, read); got != 7 || err != nil || time.Since(began) != time.Second {
				t.Errorf("the second got %d, %v after %v", got, err, time.Since(began))
			}
		})
		all.Wait()
	})
}

// A read that panics, or that ends its goroutine, fails for all who wait. Nobody
// waits forever or gets the zero value.
func TestReadsThatDoNotFinish(t *testing.T) {
	for want, read := range map[string]func(context.Context) (int, error){
		"panic: boom":    func(context.Context) (int, error) { panic("boom") },
		"did not finish": func(context.Context) (int, error) { runtime.Goexit(); return 1, nil },
	} {
		var g group
		if got, err := g.Do(t.Context(), "a", time.Minute, read); got != 0 || err == nil || !strings.Contains(err.Error(), want) || g.Len() != 0 {
			t.Errorf("got %d, %v, want %s", got, err, want)
		}
	}
}

// A flight is found by all of its keys until it lands or another replaces it.
// Landing does not affect the one that replaced it.
func TestFlightsAreFound(t *testing.T) {
	var g group
	older, newer := flight.Begin[int](time.Unix(1, 0)), flight.Begin[int](time.Unix(2, 0))
	g.Add(older, "a")
	g.Add(older, "b")
	g.Add(newer, "b")
	if g.Find("a") != older || g.Find("b") != newer || g.Find("c") != nil {
		t.Error("a flight is not found by its key")
	}
	g.Land(older, 7, nil, "a", "b")
	if got, err := older.Wait(t.Context()); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if g.Find("a") != nil || g.Find("b") != newer || g.Find("b").Since != time.Unix(2, 0) {
		t.Error("landing removed another flight, or left its own")
	}
	g.Land(newer, 0, nil, "b")
}
