// Package deadline provides contexts with a deadline that cost almost nothing
// until something waits for them. Most decisions read nothing, so nothing waits;
// the context package would spend most of its time on an unused timer.
package deadline

import (
	"context"
	"sync"
	"time"
)

// Context ends at its deadline, when its parent ends, or when it is released,
// like one of [context.WithDeadline]. Its timer starts when something first
// waits for its end. It is safe for concurrent use.
type Context struct {
	parent context.Context
	at     time.Time

	mu sync.Mutex
	// waited is the standard context behind this one, once something waits.
	waited context.Context
	cancel context.CancelFunc
	// released is the context's error after its release.
	released error
}

// New returns a context that ends at a time, or at the parent's deadline if that
// is sooner. Call [Context.Release] when it is no longer needed.
func New(parent context.Context, at time.Time) *Context {
	if sooner, ok := parent.Deadline(); ok && sooner.Before(at) {
		at = sooner
	}
	return &Context{parent: parent, at: at}
}

// Release ends the context and stops its timer, if there is one.
func (c *Context) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.released == nil {
		if c.released = c.err(); c.released == nil {
			c.released = context.Canceled
		}
	}
	if c.cancel != nil {
		c.cancel()
	}
}

// Deadline returns when the context ends. ok is always true.
func (c *Context) Deadline() (at time.Time, ok bool) { return c.at, true }

// Done returns a channel that is closed when the context ends.
func (c *Context) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waited == nil {
		c.waited, c.cancel = context.WithDeadline(c.parent, c.at)
		if c.released != nil {
			c.cancel()
		}
	}
	return c.waited.Done()
}

// Err returns nil until the context ends, then [context.Canceled] or
// [context.DeadlineExceeded].
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.released != nil {
		return c.released
	}
	return c.err()
}

func (c *Context) err() error {
	if c.waited != nil {
		return c.waited.Err()
	}
	if err := c.parent.Err(); err != nil {
		return err
	}
	if !time.Now().Before(c.at) {
		return context.DeadlineExceeded
	}
	return nil
}

// Value returns the parent's value. Once something waits, it returns the
// standard context for the context package's own key, so that child contexts
// need no goroutine to follow this one.
func (c *Context) Value(key any) any {
	c.mu.Lock()
	waited := c.waited
	c.mu.Unlock()
	if waited != nil {
		return waited.Value(key)
	}
	return c.parent.Value(key)
}
