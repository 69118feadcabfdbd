package wiring

import (
	"context"
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// An operation that is asked often answers REST events, which is all that its loop
// can give it.
func TestOperationsThatAreAskedOften(t *testing.T) {
	some := false
	for _, op := range operations.All() {
		if !op.Often {
			continue
		}
		some = true
		handler, err := build(op.Name, lookup(complete()), slog.New(slog.DiscardHandler))
		if _, ok := handler.(apigw.Handler); !ok || err != nil {
			t.Errorf("%s has a handler of type %T: %v", op.Name, handler, err)
		}
	}
	if !some {
		t.Error("none is asked often")
	}
}

// The loop hands on an event as aws-lambda-go does, whatever a client put into it,
// and the whole answer. What is no event is an error, which the gateway answers.
func TestProxy(t *testing.T) {
	echo := proxy(func(_ context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{"A": event.Headers["a"]}, Body: event.Body}, nil
	})
	answer, err := echo.Invoke(t.Context(), []byte(`{"headers":{"a":"one","a":"two"},"body":"caf\ufffd \ud800","new":{"b":null},"pathParameters":null}`))
	if got := string(answer); err != nil || !strings.Contains(got, `"statusCode":200`) || !strings.Contains(got, `"A":"two"`) || !strings.Contains(got, `caf`) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := echo.Invoke(t.Context(), []byte(`[1]`)); err == nil {
		t.Error("an array is taken as an event")
	}
}

// A heap that may grow to five times what lives stays within the function's memory.
func TestHeapIsBounded(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer func() { debug.SetGCPercent(before); debug.SetMemoryLimit(math.MaxInt64) }()
	for memory, want := range map[string]int64{"256": 192 << 20, "": math.MaxInt64, "0": math.MaxInt64, "x": math.MaxInt64} {
		debug.SetMemoryLimit(math.MaxInt64)
		if collectSeldom(memory); debug.SetMemoryLimit(-1) != want {
			t.Errorf("%q: %d", memory, debug.SetMemoryLimit(-1))
		}
	}
}
