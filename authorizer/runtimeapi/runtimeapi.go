// Package runtimeapi runs a handler over the Lambda runtime API, version
// 2018-06-01, with as little work of its own as that interface allows: for each
// invocation that may run at a time one goroutine, one connection and two
// buffers, all of them used again.
//
// It keeps what Lambda documents of a runtime, and gives the answers and error
// documents that aws-lambda-go gives. It leaves out what an authorizer has no
// use for: streamed answers, client contexts, Cognito identities, extensions and
// X-Ray's error causes.
package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
)

// Handler answers invocations; with more than one slot it is called by many
// goroutines at once. The context ends at the invocation's deadline, and its
// value "x-amzn-trace-id" is the trace id. The payload may be used until Invoke
// returns, and not after.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// The variables that Lambda sets for a runtime.
const (
	envAddress     = "AWS_LAMBDA_RUNTIME_API"
	envConcurrency = "AWS_LAMBDA_MAX_CONCURRENCY"
	envTrace       = "_X_AMZN_TRACE_ID"
)

// errGone says that the runtime API has no more work for this process.
var errGone = errors.New("the runtime API is shutting down")

// Start makes the handler and serves invocations with it until the process
// ends. Where the handler cannot be made, Lambda is told why and the process
// exits with status 1; so it does where the API is out of reach or the handler
// panics.
func Start(open func() (Handler, error), log *slog.Logger) {
	address := os.Getenv(envAddress)
	if address == "" {
		log.Error("this program runs in Lambda only", "missing", envAddress)
		os.Exit(1)
	}
	handler, err := open()
	if err != nil {
		log.Error("the function cannot start", "cause", err)
		if err := reportInit(address, err); err != nil {
			log.Error("Lambda could not be told so", "cause", err)
		}
		os.Exit(1)
	}
	if err := serve(address, handler, slots(os.Getenv(envConcurrency))); err != nil {
		log.Error("the function ends", "cause", err)
		os.Exit(1)
	}
}

// slots is how many invocations run at a time.
func slots(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// serve runs all slots until one of them ends: then the others finish what they
// have in hand, and take no more. It is nil where the API said that it is over.
func serve(address string, handler Handler, count int) error {
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	var running sync.WaitGroup
	for range count {
		s := newSlot(ctx, address, handler)
		s.alone = count == 1
		stop := context.AfterFunc(ctx, s.interrupt)
		running.Go(func() {
			defer stop()
			defer s.disconnect()
			end(s.run())
		})
	}
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, errGone) {
		return err
	}
	return nil
}

// reportInit tells Lambda that the function could not be initialized.
func reportInit(address string, cause error) error {
	s := newSlot(context.Background(), address, nil)
	defer s.disconnect()
	document := describe(cause)
	document.Type = "Runtime.InitError"
	status, err := s.post("/init/error", nil, "", document.bytes())
	if err == nil && status >= 300 {
		err = fmt.Errorf("it answers status %d", status)
	}
	return err
}
