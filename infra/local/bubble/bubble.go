// Package bubble is an in-memory network for tests of timing. In a
// testing/synctest bubble, its clients and servers see exact times, to within a
// few nanoseconds, on a machine of any speed.
package bubble

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Network is an in-memory network. Its methods are safe for concurrent use.
type Network struct {
	mu    sync.Mutex
	hosts map[string]*listener
	dials atomic.Int32
	// open is the context of every request; hangUp ends it.
	open   context.Context
	hangUp func()
}

var errRefused = errors.New("connection refused")

// New returns a network that ends with the test or the bubble, along with its
// servers.
func New(t testing.TB) *Network {
	n := &Network{hosts: map[string]*listener{}}
	n.open, n.hangUp = context.WithCancel(context.Background())
	t.Cleanup(n.close)
	return n
}

// Serve makes handler answer at http://host. The context of a request ends with
// the network.
func (n *Network) Serve(host string, handler http.Handler) {
	l := &listener{host: host, conns: make(chan net.Conn), closed: make(chan struct{})}
	l.server = &http.Server{Handler: received(handler), BaseContext: func(net.Listener) context.Context { return n.open }}
	n.mu.Lock()
	n.hosts[host] = l
	n.mu.Unlock()
	go func() { _ = l.server.Serve(l) }()
}

// received returns a handler that waits until the request has fully arrived and
// the client knows it: an answer that overtakes the end of its request breaks
// the connection.
func received(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		time.Sleep(time.Nanosecond)
		handler.ServeHTTP(w, r)
	})
}

// On connects a client to the network. Its transport must be an
// [*http.Transport].
func (n *Network) On(client *http.Client) {
	client.Transport.(*http.Transport).DialContext = n.dial
}

// Dials returns how many connections were requested.
func (n *Network) Dials() int { return int(n.dials.Load()) }

// dial connects to a host. It fails at once if nobody serves that host.
func (n *Network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.dials.Add(1)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port != "80" {
		host = address
	}
	n.mu.Lock()
	l := n.hosts[host]
	n.mu.Unlock()
	if l == nil {
		return nil, errRefused
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *Network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hangUp()
	for _, l := range n.hosts {
		_ = l.server.Close()
	}
}

// listener accepts the connections to one host.
type listener struct {
	host   string
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Accept waits for a connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns the host as an address.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.host, Net: "memory"} }
