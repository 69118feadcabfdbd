// Package runtimeapi runs a handler over the Lambda runtime API, version
// 2018-06-01, with as little overhead as the interface allows. Each concurrent
// invocation has one goroutine, one connection and two buffers, all of which are
// reused.
//
// It does what Lambda documents for a runtime, and gives the same answers and
// error documents as aws-lambda-go. It is for the functions that requests of other
// APIs wait for, and leaves out what those do not need: streamed answers, client
// contexts, Cognito identities, extensions and X-Ray's error causes.
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

// Handler answers invocations. With more than one slot, many goroutines call it
// at once. The context ends at the invocation's deadline and holds the trace id
// as its value "x-amzn-trace-id". The payload is valid only until Invoke
// returns.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Follower is a [Handler] that has work to do after an answer was sent, for which
// the caller does not wait. The slot asks for its next event when AfterAnswer
// returns, so it must be short. With more than one slot, many goroutines call it
// at once.
type Follower interface{ AfterAnswer() }

// The variables that Lambda sets for a runtime.
const (
	envAddress     = "AWS_LAMBDA_RUNTIME_API"
	envConcurrency = "AWS_LAMBDA_MAX_CONCURRENCY"
	envTrace       = "_X_AMZN_TRACE_ID"
)

// errGone means that the runtime API has no more work for this process.
var errGone = errors.New("the runtime API is shutting down")

// Start calls open for the handler and serves invocations until the process
// ends. If open fails, it tells Lambda the reason and exits with status 1. It
// also exits with status 1 if the API is unreachable or the handler panics.
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

// slots returns how many invocations run at a time.
func slots(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// serve runs all slots until one of them ends. The others then finish their
// current invocation and take no more. It returns nil if the API ended the work.
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
