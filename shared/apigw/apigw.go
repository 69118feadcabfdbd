// Package apigw serves Keyward's operations behind Amazon API Gateway: one
// generic adapter, and for each operation a row and a few lines: see [Endpoint].
//
// The adapter reads a REST proxy event strictly, asks the rules, and answers.
// It never returns a Go error, which the gateway would turn into a 502 of its
// own; every fault is an answer in the form of the path's dialect, whose cause
// stays in the log. It refuses a request that the authorizer did not let
// through, whatever the gateway was told to do.
//
// One function serves all routes of its operation, which may speak different
// dialects: see [dialect].
//
// A body is for POST, PUT and PATCH: JSON as package strict accepts it, at most
// [MaxBody] bytes. Operations that take none tolerate a Content-Type, an empty
// body and {}, as many clients send them, and refuse any other body, which could
// only be a mistake. So are query parameters that an operation does not know.
// HEAD is answered as GET, without the body.
package apigw

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
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

// answer is a success with a body of type A.
type answer[A any] struct {
	// body is encoded as JSON. nil, without raw, is an answer without a body.
	body *A
	raw  string
	// status stands in the place of the route's, where it is set.
	status int
	// version is of the one resource that the body shows; 0 where there is none.
	version int64
	// damaged are the records that a list leaves out, for the log.
	damaged []apikey.Damage
	// location is the path of what was created, below that of the request; of
	// the request itself, where it is ".".
	location string
}

// reply is an answer whose body may be of any type.
type reply = answer[any]

func (a answer[A]) reply() reply {
	r := reply{nil, a.raw, a.status, a.version, a.damaged, a.location}
	if a.body != nil {
		r.body = new(any(*a.body))
	}
	return r
}

// errNoEndpoint is a route in the table that no endpoint serves.
var errNoEndpoint = errors.New("no endpoint serves the route")

// handler serves all routes of an operation.
func handler(api API, op operations.Operation) Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		began, c := time.Now(), callOf(op, event)
		var damaged []apikey.Damage
		response, err := guard(func() (events.APIGatewayProxyResponse, error) {
			endpoint, ok := EndpointOf(op.Name, c.route.Dialect)
			if !ok {
				return events.APIGatewayProxyResponse{}, errNoEndpoint
			}
			done, err := endpoint.serve(ctx, api, c)
			if err != nil {
				return events.APIGatewayProxyResponse{}, err
			}
			damaged = done.damaged
			return c.succeed(done)
		})
		code := ""
		if err != nil {
			response, code = c.refuse(err)
		}
		api.record(ctx, op, event, entry{response.StatusCode, code, time.Since(began), err, damaged})
		if event.HTTPMethod == http.MethodHead {
			response.Body = ""
		}
		return response, nil
	}
}
