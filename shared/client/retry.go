package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	defaultRetries = 3
	firstWait      = 100 * time.Millisecond
	longestWait    = 5 * time.Second
	// longestAsked is the longest Retry-After that a call waits for.
	longestAsked = 30 * time.Second
)

// worthRepeating reports whether another attempt can help and does no harm.
func worthRepeating(err error, what effect) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		// The gateway answers 429 before anything is done.
		return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable && what != once
	}
	if !errors.Is(err, ErrConnection) {
		return false
	}
	dial, ok := errors.AsType[*net.OpError](err)
	return what != once || ok && dial.Op == "dial"
}

// isGone reports whether an error says that there is no such thing. That there is
// no such route does not.
func isGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusNotFound && strings.HasSuffix(e.Code, "_NOT_FOUND")
}

// retryAfter returns how long an answer asks to wait, or 0.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// wait waits before another attempt. It returns an error, without waiting, if that
// would take too long.
func wait(ctx context.Context, attempt int, asked time.Duration) error {
	pause := min(firstWait<<min(attempt, 10), longestWait)
	pause = max(pause/2+rand.N(pause/2+1), asked)
	if deadline, ok := ctx.Deadline(); asked > longestAsked || ok && time.Until(deadline) <= pause {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
