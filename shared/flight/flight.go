// Package flight lets concurrent callers that ask for the same key share one
// read. A result is as old as the start of its read, so a caller joins a read
// only if it started recently enough. Each caller waits no longer than its own
// context allows.
package flight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Flight is one read under way.
type Flight[T any] struct {
	// Since is when the read started.
	Since time.Time

	landed chan struct{}
	// found and err are written before landed is closed, and read after.
	found T
	err   error
}

// Wait returns what the read found. If ctx ends first, it returns ctx's error.
func (f *Flight[T]) Wait(ctx context.Context) (found T, err error) {
	select {
	case <-f.landed:
		return f.found, f.err
	case <-ctx.Done():
		return found, ctx.Err()
	}
}

// Group holds the flights that can be joined, by what they read. The zero Group
// is empty. It is safe for concurrent use.
type Group[K comparable, T any] struct {
	mu      sync.Mutex
	flights map[K]*Flight[T]
}

// Find returns the flight that reads key; nil if there is none.
func (g *Group[K, T]) Find(key K) *Flight[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.flights[key]
}

// Len returns how many keys are being read.
func (g *Group[K, T]) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.flights)
}

// Begin returns a flight that started at since. Nobody can find it yet. The
// caller must end it with [Group.Land].
func Begin[T any](since time.Time) *Flight[T] {
	return &Flight[T]{Since: since, landed: make(chan struct{})}
}

// Add lets others find f by key. It replaces an older flight.
func (g *Group[K, T]) Add(f *Flight[T], key K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.add(f, key)
}

func (g *Group[K, T]) add(f *Flight[T], key K) {
	if g.flights == nil {
		g.flights = map[K]*Flight[T]{}
	}
	g.flights[key] = f
}

// Land gives found and err to everyone who waits for f, and removes f from the
// group.
func (g *Group[K, T]) Land(f *Flight[T], found T, err error, keys ...K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range keys {
		if g.flights[key] == f {
			delete(g.flights, key)
		}
	}
	f.found, f.err = found, err
	close(f.landed)
}

var errUnfinished = errors.New("the read did not finish")

// Do returns what read finds. Concurrent calls for the same key share one read.
// The read has ctx's values, but limit as its only deadline: if one caller gives
// up, the others still get the result. A read that panics fails for all.
func (g *Group[K, T]) Do(ctx context.Context, key K, limit time.Duration, read func(context.Context) (T, error)) (T, error) {
	g.mu.Lock()
	f := g.flights[key]
	if f == nil {
		f = Begin[T](time.Now())
		g.add(f, key)
		go g.fly(context.WithoutCancel(ctx), f, key, limit, read)
	}
	g.mu.Unlock()
	return f.Wait(ctx)
}

func (g *Group[K, T]) fly(ctx context.Context, f *Flight[T], key K, limit time.Duration, read func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var found T
	err := errUnfinished
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
		}
		g.Land(f, found, err, key)
	}()
	found, err = read(ctx)
}
