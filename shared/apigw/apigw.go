// Package apigw serves Keyward's operations behind Amazon API Gateway: one
// generic adapter, and a few lines an operation.
//
// The adapter reads a REST proxy event strictly, asks the rules, and answers.
// It never returns a Go error, which the gateway would turn into a 502 of its
// own; every fault is an RFC 9457 problem, whose cause stays in the log. It
// refuses a request that the authorizer did not let through, whatever the
// gateway was told to do.
//
// A body is for POST, PUT and PATCH: JSON as package strict accepts it, at most
// [MaxBody] bytes. GET and DELETE tolerate a Content-Type and an empty body, as
// many clients send them, and refuse any other body, which could only be a
// mistake. So are query parameters that an operation does not know.
package apigw

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// Handler answers a REST proxy event. Its error is always nil.
type Handler = func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// API is what the operations run on. Both fields must be set, but Keys for an
// operation that asks the rules nothing. It is safe for concurrent use.
type API struct {
	Keys *apikey.Keys
	Log  *slog.Logger
}

// answer is a success. The body is encoded as JSON, unless it is raw; none of
// both is an answer without a body.
type answer struct {
	body any
	raw  string
	// version is of the one resource that the body shows; 0 where there is none.
	version int64
	// location is the path of what was created, below that of the request.
	location string
}

// none is the body of an operation that takes none.
type none = struct{}

// handle makes the handler of the named operation: it reads a request, acts,
// and answers. The query names the parameters that the operation takes.
func handle[B any](api API, name string, act func(context.Context, request[B]) (answer, error), query ...string) Handler {
	op, ok := operations.Find(name)
	if !ok {
		panic("apigw: no operation is called " + name)
	}
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		began := time.Now()
		response, err := guard(func() (events.APIGatewayProxyResponse, error) {
			req, err := read[B](op, event, query)
			if err != nil {
				return events.APIGatewayProxyResponse{}, err
			}
			done, err := act(ctx, req)
			if err != nil {
				return events.APIGatewayProxyResponse{}, err
			}
			return succeed(op, event, done)
		})
		code := ""
		if err != nil {
			response, code = refuse(event, err)
		}
		api.record(ctx, op, event, entry{response.StatusCode, code, time.Since(began), err})
		return response, nil
	}
}
