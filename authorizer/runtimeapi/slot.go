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

	"github.com/keyward/keyward/authorizer/deadline"
)

const (
	// maxEvent is more than Lambda sends, in bytes. A longer event is refused
	// unread.
	maxEvent = 8 << 20
	// keptBuffer is the largest buffer, in bytes, that outlives its invocation.
	keptBuffer = 256 << 10
)

// arrival is how long an event may be on its way when no more are to be taken.
var arrival = 200 * time.Millisecond

// slot serves one invocation at a time.
type slot struct {
	ctx     context.Context // ends when the process is to take no more
	handler Handler
	// alone says that no other slot's invocations share the environment.
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
	s.poll = fmt.Appendf(nil, "GET %s/invocation/next HTTP/1.1\r\nHost: %s\r\nUser-Agent: keyward\r\n\r\n", s.prefix, host)
	return s
}

// run serves invocations until there can be no more; it never returns nil.
func (s *slot) run() error {
	for {
		event, err := s.next()
		if err != nil {
			return err
		}
		if err := s.serve(event); err != nil {
			return err
		}
		if cap(s.body) > keptBuffer {
			s.body = nil
		}
		if cap(s.out) > keptBuffer {
			s.out = nil
		}
	}
}

// serve answers one invocation. Its errors are those after which the process
// must end.
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

// next waits for an invocation, whose event is then in s.body. Where an event
// breaks off, that invocation fails at once and the wait goes on.
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

// wait says what a poll waits on; nil ends the wait, and with it the time that
// an interruption has set.
func (s *slot) wait(on net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on == nil && s.ctx.Err() != nil {
		_ = s.waiting.SetReadDeadline(time.Time{})
	}
	s.waiting = on
}

// interrupt ends a poll that waits, but for an event that is on its way. What is
// being answered goes on.
func (s *slot) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting != nil {
		_ = s.waiting.SetReadDeadline(time.Now().Add(arrival))
	}
}

// invocation is the context of one invocation. It answers for the trace id
// itself, under aws-lambda-go's key.
type invocation struct {
	context.Context
	trace string
}

// Value is the trace id under its key, and else what the parent has.
func (i invocation) Value(key any) any {
	if key == "x-amzn-trace-id" {
		return i.trace
	}
	return i.Context.Value(key)
}

// pause waits before another attempt, and reports whether there is one: the
// first failure may be a kept connection's end and costs nothing, the last of
// maxFailures comes after about a second.
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
