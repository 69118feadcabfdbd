package runtimeapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
)

// api is a runtime API whose answer to each poll is written by the test, byte by
// byte.
type api struct {
	t        *testing.T
	listener net.Listener
	// poll answers the n-th poll, counted from 0 over all connections. Returning
	// false closes the connection.
	poll func(n int, c net.Conn) (keep bool)
	// post answers the n-th report; nil accepts all.
	post func(n int, c net.Conn) (keep bool)
	// ended receives a value for each closed connection.
	ended chan struct{}

	mu          sync.Mutex
	polls       int
	connections int
	posts       []report
}

// report is what the runtime posted.
type report struct {
	path, kind, body string
}

func newAPI(t *testing.T, poll func(n int, c net.Conn) bool) *api {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, listener: listener, poll: poll, ended: make(chan struct{}, 1000)}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			a.mu.Lock()
			a.connections++
			a.mu.Unlock()
			serving.Go(func() { a.serve(c) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return a
}

func (a *api) address() string { return a.listener.Addr().String() + "/some/prefix" }

func (a *api) serve(c net.Conn) {
	defer func() { _ = c.Close(); a.ended <- struct{}{} }()
	in := bufio.NewReader(c)
	for {
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		path, found := strings.CutPrefix(request.URL.Path, "/some/prefix/2018-06-01/runtime")
		if err != nil || !found {
			a.t.Errorf("%s %s: %v", request.Method, request.URL, err)
			return
		}
		if !a.answer(c, request.Method, report{path, request.Header.Get("Lambda-Runtime-Function-Error-Type"), string(body)}) {
			return
		}
	}
}

func (a *api) answer(c net.Conn, method string, r report) (keep bool) {
	a.mu.Lock()
	polled, posted := a.polls, len(a.posts)
	if method == http.MethodGet {
		a.polls++
	} else {
		a.posts = append(a.posts, r)
	}
	a.mu.Unlock()
	switch {
	case method == http.MethodGet && r.path == "/invocation/next":
		return a.poll(polled, c)
	case method == http.MethodPost && a.post != nil:
		return a.post(posted, c)
	}
	return write(c, "HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n")
}

// write sends text and keeps the connection.
func write(c net.Conn, text string) bool {
	_, err := io.WriteString(c, text)
	return err == nil
}

// gone ends the runtime.
func gone(c net.Conn) bool {
	return write(c, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
}

// headers returns the headers of an invocation, without those of the body.
func headers(id string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: %s\r\nLambda-Runtime-Deadline-Ms: %d\r\nLambda-Runtime-Trace-Id: Root=1-%s\r\n",
		id, time.Now().Add(time.Hour).UnixMilli(), id)
}

// invocationOf returns a complete invocation.
func invocationOf(id, body string) string {
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", headers(id), len(body), body)
}

// handlerFunc is a handler made of a function.
type handlerFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

var errUnauthorized = errors.New("Unauthorized")

// echo answers its event, and some events with an error.
var echo = handlerFunc(func(_ context.Context, payload []byte) ([]byte, error) {
	if string(payload) == "refuse" {
		return nil, errUnauthorized
	}
	return payload, nil
})

// runAlone serves with one slot until the API ends it.
func runAlone(t *testing.T, a *api, h Handler) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- serve(a.address(), h, 1) }()
	return await.Next(t, "the loop's end", ended)
}
