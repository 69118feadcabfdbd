package runtimeapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
)

const together = 64

// With 64 slots, 64 invocations run at once, each on its own connection and with
// its own event, id and trace. The environment's trace id, which could only be
// one's, stays unchanged.
func TestConcurrency(t *testing.T) {
	t.Setenv(envTrace, "before")
	const rounds = 20
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n >= together*rounds {
			return gone(c)
		}
		id := fmt.Sprint("id-", n)
		return write(c, invocationOf(id, "Root=1-"+id+strings.Repeat(" ", n%977)))
	})
	var inside atomic.Int32
	full := make(chan struct{})
	err := serve(a.address(), handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		if inside.Add(1) == together {
			close(full)
		}
		select {
		case <-full:
		case <-time.After(await.Limit):
			t.Errorf("only %d invocations run at once", inside.Load())
		}
		if ctx.Value("x-amzn-trace-id") != strings.TrimRight(string(payload), " ") {
			t.Errorf("%v has the event %s", ctx.Value("x-amzn-trace-id"), payload)
		}
		return payload, nil
	}), together)
	if err != nil || os.Getenv(envTrace) != "before" {
		t.Fatalf("%v, trace %q", err, os.Getenv(envTrace))
	}
	// A poll that ends just as its event arrives is answered on a new connection.
	if a.connections < together || a.connections > 2*together || len(a.posts) != together*rounds {
		t.Errorf("%d connections, %d answers", a.connections, len(a.posts))
	}
	seen := map[string]bool{}
	for _, r := range a.posts {
		id := strings.TrimPrefix(strings.TrimRight(r.body, " "), "Root=1-")
		if seen[id] || r.path != "/invocation/"+id+"/response" {
			t.Errorf("%s was answered with %s", r.path, r.body)
		}
		seen[id] = true
	}
}

// When one slot ends, idle ones end too, and running invocations are answered
// first. Here one runs until all others have ended.
func TestOneSlotEndsAll(t *testing.T) {
	running, polled := make(chan struct{}), make(chan struct{})
	a := newAPI(t, func(n int, c net.Conn) bool {
		switch n {
		case 0:
			return write(c, invocationOf("slow", "slow"))
		case 1:
			<-running
			<-polled
			return write(c, invocationOf("bad", "bad"))
		case together - 1:
			close(polled)
		}
		_, _ = io.Copy(io.Discard, c) // a poll without an answer, until it is given up
		return false
	})
	ended := make(chan error, 1)
	go func() {
		ended <- serve(a.address(), handlerFunc(func(_ context.Context, payload []byte) ([]byte, error) {
			if string(payload) == "bad" {
				panic("canary")
			}
			close(running)
			for range together - 1 {
				<-a.ended
			}
			return payload, nil
		}), together)
	}()
	if err := await.Next(t, "the end of slots that wait", ended); err == nil || !strings.Contains(err.Error(), "panicked") || strings.Contains(err.Error(), "canary") {
		t.Errorf("ended with %v", err)
	}
	if len(a.posts) != 2 || a.posts[0].path != "/invocation/bad/error" || a.posts[1] != (report{"/invocation/slow/response", "", "slow"}) {
		t.Errorf("reported %+v", a.posts)
	}
}

// An event that is arriving when another slot ends is still answered, even if
// half of it has not been sent yet.
func TestEventOnItsWayIsAnswered(t *testing.T) {
	usual := arrival
	arrival = await.Limit
	defer func() { arrival = usual }()
	half := make(chan struct{})
	var a *api
	a = newAPI(t, func(n int, c net.Conn) bool {
		switch n {
		case 0:
			text := invocationOf("late", "late")
			_ = write(c, text[:len(text)/2])
			close(half)
			<-a.ended // the other slot's connection; by then all others were told to end
			return write(c, text[len(text)/2:])
		case 1:
			<-half
		}
		return gone(c)
	})
	if err := serve(a.address(), echo, 2); err != nil {
		t.Fatal(err)
	}
	if len(a.posts) != 1 || a.posts[0].path != "/invocation/late/response" {
		t.Errorf("reported %+v", a.posts)
	}
}

// An invocation takes few allocations for any event size, because buffers are
// reused.
func TestAllocations(t *testing.T) {
	const warm, measured = 50, 2000
	client, server := net.Pipe()
	defer func() { _, _ = client.Close(), server.Close() }()
	text := []byte(invocationOf("8476a536-e9f4-11e8-9739-2dfe598c3fcd", strings.Repeat("x", 3000)))
	taken := []byte("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
	go func() {
		request := make([]byte, 16<<10)
		for n := 0; ; n++ {
			if _, err := server.Read(request); err != nil {
				return
			}
			if _, err := server.Write([][]byte{text, taken}[n%2]); err != nil {
				return
			}
		}
	}()
	answer := []byte(strings.Repeat("y", 500))
	s := newSlot(t.Context(), "pipe", handlerFunc(func(context.Context, []byte) ([]byte, error) { return answer, nil }))
	s.conn = newConnection(client)
	once := func() {
		event, err := s.next()
		if err == nil {
			err = s.serve(event)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range warm {
		once()
	}
	if got := testing.AllocsPerRun(measured, once); got > 12 {
		t.Errorf("%.1f allocations an invocation, want at most 12", got)
	}
}
