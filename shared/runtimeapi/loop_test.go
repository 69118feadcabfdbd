package runtimeapi

import (
	"context"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Successive invocations share one connection, and each answer is the handler's,
// byte for byte.
func TestOneConnection(t *testing.T) {
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 100 {
			return gone(c)
		}
		return write(c, invocationOf("id-"+strconv.Itoa(n), "event "+strings.Repeat("x", n*100)))
	})
	if err := runAlone(t, a, echo); err != nil {
		t.Fatal(err)
	}
	if a.connections != 1 || len(a.posts) != 100 {
		t.Fatalf("%d connections, %d answers", a.connections, len(a.posts))
	}
	for n, r := range a.posts {
		if r.path != "/invocation/id-"+strconv.Itoa(n)+"/response" || r.body != "event "+strings.Repeat("x", n*100) || r.kind != "" {
			t.Fatalf("answer %d: %+v", n, r)
		}
	}
}

// An error is reported with its exact text and its type's name, as
// aws-lambda-go reports it, and the loop goes on.
func TestErrorReport(t *testing.T) {
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 2 {
			return gone(c)
		}
		return write(c, invocationOf("a", []string{"refuse", "fine"}[n]))
	})
	if err := runAlone(t, a, echo); err != nil {
		t.Fatal(err)
	}
	want := []report{
		{"/invocation/a/error", "", `{"errorMessage":"Unauthorized","errorType":"errorString"}`},
		{"/invocation/a/response", "", "fine"},
	}
	if !reflect.DeepEqual(a.posts, want) {
		t.Errorf("reported %+v", a.posts)
	}
}

// A panic is reported without its value, which could be a secret. It ends the
// loop, because the process's state can no longer be trusted.
func TestPanic(t *testing.T) {
	for name, test := range map[string]struct {
		fault     func()
		want, not string
	}{
		"a value":             {func() { panic("canary") }, `{"errorMessage":"a panic with a string","errorType":"string","stackTrace":[{`, "canary"},
		"the Go runtime's":    {func() { var none *api; none.polls++ }, `{"errorMessage":"runtime error: invalid memory address`, "canary"},
		"an error as a value": {func() { panic(errUnauthorized) }, `"errorType":"errorString","stackTrace":[{`, "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, func(_ int, c net.Conn) bool { return write(c, invocationOf("a", "x")) })
			err := runAlone(t, a, handlerFunc(func(context.Context, []byte) ([]byte, error) { test.fault(); return nil, nil }))
			if err == nil || strings.Contains(err.Error(), test.not) || a.polls != 1 {
				t.Errorf("%d polls, then %v", a.polls, err)
			}
			if len(a.posts) != 1 || a.posts[0].path != "/invocation/a/error" ||
				!strings.Contains(a.posts[0].body, test.want) || strings.Contains(a.posts[0].body, test.not) {
				t.Errorf("reported %+v", a.posts)
			}
		})
	}
}

// The handler's context ends at the invocation's deadline and carries the trace
// id, which the environment holds too.
func TestContext(t *testing.T) {
	t.Setenv(envTrace, "before")
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 1 {
			return gone(c)
		}
		return write(c, invocationOf("a", "x"))
	})
	err := runAlone(t, a, handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); !ok || left < time.Hour-time.Minute || left > time.Hour {
			t.Errorf("%s left, %v", left, ok)
		}
		if in := os.Getenv(envTrace); in != "Root=1-a" || ctx.Value("x-amzn-trace-id") != "Root=1-a" || ctx.Value("other") != nil {
			t.Errorf("trace %v, in the environment %q", ctx.Value("x-amzn-trace-id"), in)
		}
		return nil, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// An invocation whose deadline has passed gets a context that has ended; one
// without a deadline gets an error.
func TestDeadlines(t *testing.T) {
	for header, want := range map[string]string{
		"Lambda-Runtime-Deadline-Ms: 1":    "context deadline exceeded",
		"Lambda-Runtime-Deadline-Ms: soon": errNoDeadline.Error(),
		"Lambda-Runtime-Deadline-Ms: -5":   errNoDeadline.Error(),
		"X-Other: 1":                       errNoDeadline.Error(),
	} {
		a := newAPI(t, func(n int, c net.Conn) bool {
			if n == 1 {
				return gone(c)
			}
			return write(c, "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\n"+header+"\r\nContent-Length: 1\r\n\r\nx")
		})
		err := runAlone(t, a, handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) { return nil, ctx.Err() }))
		if err != nil || len(a.posts) != 1 || a.posts[0].path != "/invocation/a/error" || !strings.Contains(a.posts[0].body, want) {
			t.Errorf("%s: %v, %+v", header, err, a.posts)
		}
	}
}

// There is at least one slot, for any value of the variable.
func TestSlots(t *testing.T) {
	for text, want := range map[string]int{"": 1, "0": 1, "-3": 1, "x": 1, "1": 1, "64": 64} {
		if got := slots(text); got != want {
			t.Errorf("%q: %d slots, want %d", text, got, want)
		}
	}
}

// Lambda learns why a function cannot start.
func TestInitError(t *testing.T) {
	a := newAPI(t, nil)
	if err := reportInit(a.address(), errUnauthorized); err != nil {
		t.Fatal(err)
	}
	want := []report{{"/init/error", "Runtime.InitError", `{"errorMessage":"Unauthorized","errorType":"Runtime.InitError"}`}}
	if !reflect.DeepEqual(a.posts, want) {
		t.Errorf("reported %+v", a.posts)
	}
}

// follower notes what had been answered when it was called.
type follower struct {
	handlerFunc
	api  *api
	seen []int
}

func (f *follower) AfterAnswer() {
	f.api.mu.Lock()
	defer f.api.mu.Unlock()
	f.seen = append(f.seen, len(f.api.posts), f.api.polls)
}

// A handler with work to do after an answer does it when the caller has the
// answer, whatever that was, and before the next event is asked for.
func TestAfterAnswer(t *testing.T) {
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 2 {
			return gone(c)
		}
		return write(c, invocationOf("a", []string{"refuse", "fine"}[n]))
	})
	f := &follower{handlerFunc: echo, api: a}
	if err := runAlone(t, a, f); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 1, 2, 2}; !reflect.DeepEqual(f.seen, want) {
		t.Errorf("answers and polls at the end of each invocation: %v, want %v", f.seen, want)
	}
}
