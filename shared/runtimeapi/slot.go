package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/deadline"
)

const (
	// maxEvent is above the maximum that Lambda sends, in bytes. A longer event is
	// refused unread.
	maxEvent = 8 << 20
	// keptBuffer is the largest buffer that is kept after an invocation, in bytes.
	keptBuffer = 256 << 10
)

// arrival is how long an event may still take to arrive once the slot must take
// no more.
var arrival = 200 * time.Millisecond

// slot serves one invocation at a time.
type slot struct {
	ctx      context.Context // ends when the process must take no more
	handler  Handler
	follower Follower // nil: none
	// alone means that the environment has no other slots.
	alone        bool
	host, prefix string
	poll         []byte // the request for the next invocation
	conn         *connection
	out, body    []byte

	mu sync.Mutex
	// waiting is the connection that a poll waits on.
	waiting net.Conn
}

func newSlot(ctx context.Context, address string, handler Handler) *slot {
	host, path, _ := strings.Cut(address, "/")
	if path = strings.Trim(path, "/"); path != "" {
		path = "/" + path
	}
	s := &slot{ctx: ctx, handler: handler, host: host, prefix: path + "/2018-06-01/runtime"}
	s.follower, _ = handler.(Follower)
	s.poll = fmt.Appendf(nil, "GET %s/invocation/next HTTP/1.1\r\nHost: %s\r\nUser-Agent: keyward\r\n\r\n", s.prefix, host)
	return s
}

// run serves invocations until it fails; it never returns nil.
func (s *slot) run() error {
	for {
		event, err := s.next()
		if err != nil {
			return err
		}
		if err := s.serve(event); err != nil {
			return err
		}
		if s.follower != nil {
			s.follower.AfterAnswer()
		}
		if cap(s.body) > keptBuffer {
			s.body = nil
		}
		if cap(s.out) > keptBuffer {
			s.out = nil
		}
	}
}

// serve answers one invocation. It returns an error only if the process must
// end.
func (s *slot) serve(event head) error {
	if event.deadline.IsZero() {
		return s.fail(event.id, describe(errNoDeadline))
	}
	if s.alone {
		_ = os.Setenv(envTrace, event.trace)
	}
	ctx := deadline.New(invocation{context.Background(), event.trace}, event.deadline)
	defer ctx.Release()
	answer, failed := call(ctx, s.handler, s.body)
	if failed != nil {
		err := s.fail(event.id, failed)
		if failed.panicked {
			return errors.Join(errors.New("the handler panicked: "+failed.Message), err)
		}
		return err
	}
	status, err := s.post("/invocation/", event.id, "/response", answer)
	if err == nil && status == statusTooLarge {
		return s.fail(event.id, &document{Message: "the answer is too large", Type: "Function.ResponseSizeTooLarge"})
	}
	return err
}

// fail ends an invocation with an error.
func (s *slot) fail(id []byte, d *document) error {
	_, err := s.post("/invocation/", id, "/error", d.bytes())
	return err
}

// next waits for an invocation and reads its event into s.body. If an event
// breaks off, it reports that invocation as failed and keeps waiting.
func (s *slot) next() (head, error) {
	for failures := 0; ; {
		h, err := s.ask()
		switch {
		case s.ctx.Err() != nil && err != nil:
			return head{}, context.Cause(s.ctx)
		case err == nil && h.status == statusGone:
			return head{}, errGone
		case err == nil && h.status != statusOK:
			return head{}, fmt.Errorf("the runtime API answers a poll with status %d", h.status)
		case err == nil && len(h.id) > 0:
			return h, nil
		case err == nil:
			err = errNoID
			s.disconnect()
		case h.status == statusOK && len(h.id) > 0:
			if err := s.fail(h.id, describe(fmt.Errorf("the event could not be read: %w", err))); err != nil {
				return head{}, err
			}
		}
		if failures++; !s.pause(failures) {
			return head{}, fmt.Errorf("the runtime API gives no invocation: %w", err)
		}
	}
}

// ask polls once.
func (s *slot) ask() (head, error) {
	if err := s.connect(); err != nil {
		return head{}, err
	}
	s.wait(s.conn.Conn)
	defer s.wait(nil)
	if err := s.ctx.Err(); err != nil {
		return head{}, err
	}
	return s.exchange(s.poll)
}

// wait records the connection that a poll waits on. nil ends the wait and clears
// the deadline that an interruption may have set.
func (s *slot) wait(on net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on == nil && s.ctx.Err() != nil {
		_ = s.waiting.SetReadDeadline(time.Time{})
	}
	s.waiting = on
}

// interrupt ends a waiting poll, unless an event arrives within [arrival]. It
// does not affect the invocation that is being answered.
func (s *slot) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting != nil {
		_ = s.waiting.SetReadDeadline(time.Now().Add(arrival))
	}
}

// invocation is the context of one invocation. It returns the trace id under
// aws-lambda-go's key.
type invocation struct {
	context.Context
	trace string
}

// Value returns the trace id for its key, otherwise the parent's value.
func (i invocation) Value(key any) any {
	if key == "x-amzn-trace-id" {
		return i.trace
	}
	return i.Context.Value(key)
}

// pause waits before another attempt, and reports whether there is one. It does
// not wait after the first failure, which may be the end of an idle connection.
// The last of maxFailures comes after about a second.
func (s *slot) pause(failures int) bool {
	if failures >= maxFailures {
		return false
	}
	if failures > 1 {
		time.Sleep(min(10*time.Millisecond<<(failures-2), 400*time.Millisecond))
	}
	return true
}

const maxFailures = 8
