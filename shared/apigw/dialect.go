package apigw

import (
	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
)

// dialect is what the adapter needs to know of a wire format; the endpoints of
// the dialect know the rest.
type dialect struct {
	// id reads the {id} of a path; an error says that it names nothing.
	id func(text string) (keytext.ID, error)
	// refuse is the form of an error. See [explain], which sorts it.
	refuse func(requestID string, err error) refused
	// tagged dialects answer with ETag, heed If-Match and If-None-Match, and give
	// the Location of what they create.
	tagged bool
	// scoped says that the scopes of the Supermetrics document count here like
	// the permissions to manage keys.
	scoped bool
}

// refused is an error's answer.
type refused struct {
	status int
	// code is for the log.
	code string
	// media is the body's media type.
	media string
	body  any
}

// canonicalDialect is Keyward's own: errors are RFC 9457 problems.
var canonicalDialect = dialect{
	id: keytext.ParseID,
	refuse: func(requestID string, err error) refused {
		f := explain(err)
		problem := f.Problem(requestID, f.detail, f.fields, f.use)
		return refused{f.Status, f.Code, "application/problem+json", problem}
	},
	tagged: true,
}

// catenaDialect is the wire format of the Catena document: bodies stand alone,
// and errors are small objects with the canonical codes.
var catenaDialect = dialect{
	id: keytext.ParseID,
	refuse: func(requestID string, err error) refused {
		f := explain(err)
		return refused{f.Status, f.Code, "application/json", catena.NewError(f.Code, f.detail, requestID, f.fields)}
	},
}

// dialects are the wire formats by their names in the table of operations.
var dialects = map[operations.Dialect]dialect{
	operations.Canonical:    canonicalDialect,
	operations.Catena:       catenaDialect,
	operations.Supermetrics: supermetricsDialect,
}

// call is an event with the route that it came by.
type call struct {
	op      operations.Operation
	route   operations.Route
	dialect dialect
	event   events.APIGatewayProxyRequest
}

// callOf finds the route by what API Gateway says matched: the template, never
// the path. An event that fits none is taken for one of the first route.
func callOf(op operations.Operation, event events.APIGatewayProxyRequest) call {
	resource := event.Resource
	if resource == "" {
		resource = event.RequestContext.ResourcePath
	}
	route, ok := op.Route(event.HTTPMethod, resource)
	if !ok {
		route = op.Routes[0]
	}
	return call{op, route, dialects[route.Dialect], event}
}
