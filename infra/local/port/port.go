// Package port starts servers on ports of this machine: it finds ports for
// servers that stop and restart on the same one, and waits until they answer.
package port

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// These ports are below those that systems assign by themselves, for connections
// too. So a free one stays free while its server is down.
const lowest, highest = 20_000, 32_000

// Listen listens on a port of a host; 0 picks a free one. An empty host means
// all addresses of this machine.
func Listen(host string, port int) (net.Listener, error) {
	if port != 0 {
		return net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	}
	for range 100 {
		if listener, err := Listen(host, lowest+rand.IntN(highest-lowest)); err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// Answers waits until a URL answers anything at all. It fails if ctx or the
// server ends before that.
func Answers(ctx context.Context, url string, ended <-chan struct{}) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			return response.Body.Close()
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it did not answer: %w", ctx.Err())
		case <-time.After(25 * time.Millisecond):
		}
	}
}
