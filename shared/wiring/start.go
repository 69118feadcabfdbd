package wiring

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/runtimeapi"
)

// gcPercent lets the heap grow to five times what lives, as GOGC does. A function that
// is asked often keeps a few megabytes and has hundreds: to collect at twice that would
// cost a tenth of its CPU.
const gcPercent = 400

// Start serves the named operation until Lambda ends the process. One that is asked
// often ([operations.Operation.Often]) runs on the loop of package runtimeapi,
// which takes a fraction of the CPU. Any other runs on aws-lambda-go's.
func Start(name string) {
	handler := Operation(name)
	if op, _ := operations.Find(name); op.Often {
		if often, ok := handler.(apigw.Handler); ok {
			collectSeldom(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
			runtimeapi.Start(func() (runtimeapi.Handler, error) { return proxy(often), nil }, slog.New(slog.NewJSONHandler(os.Stderr, nil)))
			return
		}
	}
	lambda.Start(handler)
}

// collectSeldom sets the collector to gcPercent, except near the function's memory in
// megabytes: what is kept can then be a large part of that.
func collectSeldom(memory string) {
	debug.SetGCPercent(gcPercent)
	if megabytes, err := strconv.ParseInt(memory, 10, 32); err == nil && megabytes > 0 {
		debug.SetMemoryLimit(megabytes << 20 / 4 * 3)
	}
}

// proxy answers REST proxy events on the loop of package runtimeapi.
type proxy apigw.Handler

// Invoke implements [runtimeapi.Handler].
func (p proxy) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	event, ok := readEvent(payload)
	if !ok {
		return nil, errNoEvent
	}
	response, err := p(ctx, event)
	if err != nil {
		return nil, err
	}
	return encoded(response), nil
}

// encoded returns an answer in the gateway's form, as aws-lambda-go writes it. No
// operation sets multiValueHeaders.
func encoded(r events.APIGatewayProxyResponse) []byte {
	into := make([]byte, 0, answerRoom+2*len(r.Body))
	into = strconv.AppendInt(append(into, `{"statusCode":`...), int64(r.StatusCode), 10)
	into = append(into, `,"headers":{`...)
	for name, value := range r.Headers {
		into = append(quoted(append(quoted(into, name), ':'), value), ',')
	}
	into = append(bytes.TrimSuffix(into, []byte(",")), `},"multiValueHeaders":null,"body":`...)
	return append(quoted(into, r.Body), '}')
}

// answerRoom is about how many bytes an answer takes besides its body.
const answerRoom = 512

// quoted appends a text as JSON.
func quoted(into []byte, text string) []byte {
	into, _ = jsontext.AppendQuote(into, text) // replaces what is not UTF-8
	return into
}

var errNoEvent = errors.New("the event is not that of a REST API")
