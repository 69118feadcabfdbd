// Package deadline has contexts that end at a time and cost next to nothing
// until somebody waits for that. Most decisions read nothing, so that nobody
// does: a timer would be most of what the context package had to do for them.
package deadline

import (
	"context"
	"sync"
	"time"
)

// Context ends at its deadline, when its parent ends, or when it is released,
// as one of [context.WithDeadline] does. Its timer starts when its end is first
// waited for. It is safe for concurrent use.
type Context struct {
	parent context.Context
	at     time.Time

	mu sync.Mutex
	// waited is the usual context behind this one, once somebody waits.
	waited context.Context
	cancel context.CancelFunc
	// released is why the context has ended, after its release.
	released error
}

// New makes a context that ends at a time, or at the parent's deadline if that
// is sooner. [Context.Release] must be called when it is of no more use.
func New(parent context.Context, at time.Time) *Context {
	if sooner, ok := parent.Deadline(); ok && sooner.Before(at) {
		at = sooner
	}
	return &Context{parent: parent, at: at}
}

// Release ends the context, and its timer if there is one.
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

// Deadline is when the context ends; there always is one.
func (c *Context) Deadline() (at time.Time, ok bool) { return c.at, true }

// Done is closed when the context ends.
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

// Err is nil until the context ends, and then [context.Canceled] or
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

// Value is the parent's. Once somebody waits, the context package finds its own
// context there, so that those below this one need no goroutine to follow it.
func (c *Context) Value(key any) any {
	c.mu.Lock()
	waited := c.waited
	c.mu.Unlock()
	if waited != nil {
		return waited.Value(key)
	}
	return c.parent.Value(key)
}
