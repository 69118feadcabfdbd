// Package apigw serves Keyward's operations behind Amazon API Gateway. One
// generic adapter runs all of them; each operation adds a row and a few lines
// (see [Endpoint]).
//
// The adapter parses a REST proxy event strictly, calls the rules, and answers.
// It never returns a Go error, because the gateway would turn that into its own
// 502. Every fault becomes an answer in the format of the path's dialect; its
// cause goes to the log only. The adapter refuses a request that the authorizer
// did not let through, however the gateway is configured.
//
// One function serves all routes of its operation, which may speak different
// dialects: see [dialect].
//
// POST, PUT and PATCH take a body: JSON as package strict accepts it, at most
// [MaxBody] bytes. Operations without a body tolerate a Content-Type, an empty
// body and {}, because many clients send them. They refuse any other body, which
// can only be a mistake. Unknown query parameters are refused for the same
// reason. HEAD is answered like GET, without the body.
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
	"github.com/keyward/keyward/shared/verify/question"
)

// Handler answers a REST proxy event. Its error is always nil.
type Handler = func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// API holds what the operations run on. Log must be set; an operation needs the
// other fields only if it uses them. API is safe for concurrent use.
type API struct {
	Rules *apikey.Rules
	Log   *slog.Logger
	// Questions answers whether keys may do something.
	Questions *question.Asker
	// Bus gets the events, and AuditRecord decodes an item of the audit table.
	Bus         Bus
	AuditRecord func(Image) (apikey.AuditRecord, error)
	// GitHub is for reports of leaked keys alone.
	GitHub Signatures
	// Uses decodes an item of the usage table. counted is false if it holds no uses
	// of a day.
	Uses func(Image) (uses apikey.Uses, counted bool, err error)
}

// answer is a success with a body of type A.
type answer[A any] struct {
	// body is encoded as JSON. If both body and raw are empty, the answer has no
	// body.
	body *A
	raw  string
	// status replaces the route's status, if set.
	status int
	// version is the version of the one resource that the body shows, or 0.
	version int64
	// damaged lists the records that a list leaves out, for the log.
	damaged []apikey.Damage
	// location is the path of what was created, relative to the request's path; "."
	// means the request's own path.
	location string
	// repeated says that an earlier request with the same [IdempotencyKey] did what
	// the answer says.
	repeated bool
}

// reply is an answer whose body may be of any type.
type reply = answer[any]

func (a answer[A]) reply() reply {
	r := reply{nil, a.raw, a.status, a.version, a.damaged, a.location, a.repeated}
	if a.body != nil {
		r.body = new(any(*a.body))
	}
	return r
}

// errNoEndpoint reports a route in the table that no endpoint serves.
var errNoEndpoint = errors.New("no endpoint serves the route")

// handler returns the handler of all routes of an operation.
func handler(api API, op operations.Operation) Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		began, c := time.Now(), callOf(op, event)
		var damaged []apikey.Damage
		response, err := guard(func() (events.APIGatewayProxyResponse, error) {
			endpoint, ok := EndpointAt(op, c.route)
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
			response, code = c.fail(err)
		}
		api.record(ctx, op, entry{c.requestID(), c.caller, response.StatusCode, code, time.Since(began), err, damaged})
		if event.HTTPMethod == http.MethodHead {
			response.Body = ""
		}
		return response, nil
	}
}
