package deadline

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a context and a standard one that goes through the same.
type pair struct {
	ours  context.Context
	usual context.Context
	end   func()
}

func newPair(parent context.Context, limit time.Duration) pair {
	ours := New(parent, time.Now().Add(limit))
	usual, cancel := context.WithDeadline(parent, time.Now().Add(limit))
	return pair{ours, usual, func() { ours.Release(); cancel() }}
}

func (p pair) compare(t *testing.T, when string) {
	t.Helper()
	if ours, usual := p.ours.Err(), p.usual.Err(); !errors.Is(ours, usual) {
		t.Errorf("%s: the error is %v, want %v", when, ours, usual)
	}
	ours, _ := p.ours.Deadline()
	if usual, _ := p.usual.Deadline(); !ours.Equal(usual) {
		t.Errorf("%s: the deadline is %s, want %s", when, ours, usual)
	}
}

func ended(c context.Context) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

// However a context ends, it behaves like a standard one, whether something
// waits from the beginning, at the end, or never.
func TestEndsAsUsual(t *testing.T) {
	for name, end := range map[string]func(p pair, cancelParent func()){
		"nothing":                  func(pair, func()) {},
		"its deadline":             func(pair, func()) { time.Sleep(2 * time.Second) },
		"its release":              func(p pair, _ func()) { p.end() },
		"its parent":               func(_ pair, cancel func()) { cancel() },
		"a release, the deadline":  func(p pair, _ func()) { p.end(); time.Sleep(2 * time.Second) },
		"the deadline, a release":  func(p pair, _ func()) { time.Sleep(2 * time.Second); p.end() },
		"two releases":             func(p pair, _ func()) { p.end(); p.end() },
		"a release, a look":        func(p pair, _ func()) { p.end(); _ = p.ours.Done() },
		"the parent and a release": func(p pair, cancel func()) { cancel(); p.end() },
	} {
		for _, waits := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				p := newPair(parent, time.Second)
				defer p.end()
				if waits && ended(p.ours) {
					t.Errorf("%s: it has ended before", name)
				}
				p.compare(t, name+", before")
				end(p, cancel)
				synctest.Wait()
				p.compare(t, name)
				if ended(p.ours) != ended(p.usual) {
					t.Errorf("%s, waits %t: ended %t, want %t", name, waits, ended(p.ours), ended(p.usual))
				}
				p.compare(t, name+", after a look")
			})
		}
	}
}

// A parent's earlier deadline applies, and its values are visible, before and
// after something waits.
func TestParent(t *testing.T) {
	type name struct{}
	parent, cancel := context.WithTimeout(context.WithValue(t.Context(), name{}, "value"), time.Second)
	defer cancel()
	for limit, want := range map[time.Duration]time.Duration{time.Minute: time.Second, time.Millisecond: time.Millisecond} {
		c := New(parent, time.Now().Add(limit))
		defer c.Release()
		if at, ok := c.Deadline(); !ok || time.Until(at) > want {
			t.Errorf("limit %s: %s are left, %t", limit, time.Until(at), ok)
		}
		for range 2 {
			if c.Value(name{}) != "value" || c.Value("other") != nil {
				t.Error("the parent's values are not there")
			}
			_ = c.Done()
		}
	}
}

// Child contexts end with their parent, without a goroutine of their own.
func TestContextsBelow(t *testing.T) {
	c := New(t.Context(), time.Now().Add(time.Minute))
	before := runtime.NumGoroutine()
	var below []context.Context
	for range 100 {
		next, cancel := context.WithTimeout(c, time.Hour)
		defer cancel()
		below = append(below, next)
	}
	if more := runtime.NumGoroutine() - before; more > 10 {
		t.Errorf("%d goroutines more", more)
	}
	c.Release()
	for _, next := range below {
		<-next.Done()
	}
}

// Many goroutines may wait, check and release at once.
func TestConcurrentUse(t *testing.T) {
	for range 100 {
		c := New(t.Context(), time.Now().Add(time.Millisecond))
		var group sync.WaitGroup
		for n := range 8 {
			group.Go(func() {
				switch n % 4 {
				case 0:
					<-c.Done()
				case 1:
					_ = c.Err()
				case 2:
					_ = c.Value("x")
				case 3:
					c.Release()
				}
			})
		}
		group.Wait()
		if c.Err() == nil {
			t.Fatal("it has not ended")
		}
	}
}

// A context that nothing waits for takes one allocation and no timer.
func TestAllocations(t *testing.T) {
	parent, at := t.Context(), time.Now().Add(time.Minute)
	if n := testing.AllocsPerRun(100, func() {
		c := New(parent, at)
		if c.Err() != nil {
			t.Error("it has ended")
		}
		c.Release()
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
