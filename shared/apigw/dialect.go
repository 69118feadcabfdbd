package apigw

import (
	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/uuid"
)

// dialect holds what the adapter must know about a wire format; the dialect's
// endpoints know the rest.
type dialect struct {
	// id parses the {id} of a path; an error means that it names nothing.
	id func(text string) (uuid.UUID, error)
	// formatError returns an error in the dialect's format. See [explain], which
	// classifies it.
	formatError func(c call, err error) errorAnswer
	// tagged dialects send ETag, honor If-Match and If-None-Match, and send the
	// Location of what they create.
	tagged bool
	// scoped means that the scopes of the Supermetrics document count like the
	// permissions to manage keys.
	scoped bool
}

// errorAnswer is an error in the format of a dialect.
type errorAnswer struct {
	status int
	// code is for the log.
	code string
	// media is the body's media type.
	media string
	body  any
}

// canonicalDialect is Keyward's own wire format: errors are RFC 9457 problems.
var canonicalDialect = dialect{
	id: uuid.Parse,
	formatError: func(c call, err error) errorAnswer {
		f := explain(err)
		problem := f.Problem(c.base()+operations.ErrorPages+f.Code, c.requestID(), f.detail, f.fields, f.use)
		return errorAnswer{f.Status, f.Code, "application/problem+json", problem}
	},
	tagged: true,
}

// catenaDialect is the wire format of the Catena document. Bodies have no
// envelope; errors are small objects with the canonical codes.
var catenaDialect = dialect{
	id: uuid.Parse,
	formatError: func(c call, err error) errorAnswer {
		f := explain(err)
		return errorAnswer{f.Status, f.Code, "application/json", catena.NewError(f.Code, f.detail, c.requestID(), f.fields)}
	},
}

// dialects maps the names in the table of operations to wire formats.
var dialects = map[operations.Dialect]dialect{
	operations.Canonical:    canonicalDialect,
	operations.Catena:       catenaDialect,
	operations.Supermetrics: supermetricsDialect,
}

// call is an event with the route that it matched.
type call struct {
	op      operations.Operation
	route   operations.Route
	dialect dialect
	event   events.APIGatewayProxyRequest
	// caller is who the authorizer let through. If that is nobody, stranger says why.
	caller   apikey.Caller
	stranger error
	// repeatable says that the endpoint honors [IdempotencyKey].
	repeatable bool
}

// callOf finds the route by the template that API Gateway matched, never by the
// path. If no route fits, it uses the operation's first one.
func callOf(op operations.Operation, event events.APIGatewayProxyRequest) call {
	resource := event.Resource
	if resource == "" {
		resource = event.RequestContext.ResourcePath
	}
	route, ok := op.Route(event.HTTPMethod, resource)
	if !ok {
		route = op.Routes[0]
	}
	c := call{op: op, route: route, dialect: dialects[route.Dialect], event: event}
	c.caller, c.stranger = callerOf(event)
	return c
}
