package apigw

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/keyward/keyward/shared/operations"
)

// Endpoint is one operation in one dialect. The handler and the OpenAPI
// document follow from this row and the operation's row in package operations;
// nothing else is written about it.
type Endpoint struct {
	action
	// Subject says what the {id} of the path names.
	Subject Subject
	// Tagged answers carry an ETag. SometimesTagged answers carry one unless the
	// caller has no key.
	Tagged, SometimesTagged bool
	// MayCreate, if set, means that the endpoint answers 201 as well, if what the path
	// names is new. It describes If-None-Match for the document.
	MayCreate string
	// Unfinished, if set, means that the endpoint answers 202 as well, if a sweep has
	// work left. Only that answer has a body, and Unfinished describes it for the
	// document.
	Unfinished string
	// Conflicts means that the endpoint may answer 409 although it takes neither a
	// body nor force.
	Conflicts bool
	// Secret names a member that only this endpoint's answer has, and always has.
	Secret string
	// Headers lists headers that a request must have.
	Headers []Parameter
	// Paths holds the endpoints of paths with a form of their own.
	Paths map[string]Endpoint
	// Note follows in the document on who may call the operation.
	Note string
}

// Subject says what the {id} of a path names, such as "key", and the format of
// that id. Format is empty for an id without one.
type Subject struct{ Name, Format string }

// endpointGroup holds one dialect's endpoints for one subject, by operation name.
type endpointGroup struct {
	subject   Subject
	endpoints map[string]Endpoint
}

// endpointGroups lists the endpoints of each dialect.
var endpointGroups = map[operations.Dialect][]endpointGroup{
	operations.Canonical:    {canonicalKeys, canonicalPolicies, canonicalServices, canonicalUsers, canonicalOrganization, canonicalUsage, canonicalExposures, canonicalVerification, canonicalDocument, unknownRoutes},
	operations.Catena:       {catenaKeys, catenaPolicies, unknownRoutes},
	operations.Supermetrics: {supermetricsKeys, unknownRoutes},
}

// EndpointOf returns a dialect's endpoint for the named operation; ok is false
// if there is none.
func EndpointOf(name string, dialect operations.Dialect) (found Endpoint, ok bool) {
	for _, n := range endpointGroups[dialect] {
		if found, ok = n.endpoints[name]; ok {
			found.Subject = n.subject
			return found, true
		}
	}
	return Endpoint{}, false
}

// EndpointAt returns the endpoint of a route; ok is false if there is none.
func EndpointAt(op operations.Operation, route operations.Route) (found Endpoint, ok bool) {
	if found, ok = EndpointOf(op.Name, route.Dialect); !ok {
		return Endpoint{}, false
	}
	if own, special := found.Paths[route.Path]; special {
		return own, true
	}
	return found, true
}

// Find returns the handler of the named operation in the form that lambda.Start
// takes: a [Handler], a [DirectHandler] or a [StreamHandler]. ok is false if there
// is none.
func Find(api API, name string) (found any, ok bool) {
	if construct, streamed := streamHandlers[name]; streamed {
		return construct(api), true
	}
	if construct, direct := directHandlers[name]; direct {
		return construct(api), true
	}
	op, known := operations.Find(name)
	if !known || !slices.Contains(Names(), name) {
		return nil, false
	}
	return handler(api, op), true
}

// Names returns the sorted names of all operations that have a handler.
func Names() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(directHandlers)), maps.Keys(streamHandlers))
	for _, dialect := range endpointGroups {
		for _, n := range dialect {
			names = slices.AppendSeq(names, maps.Keys(n.endpoints))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// action is what an endpoint does: it reads a request, calls the rules, and
// answers. Make one with [on] or [listing].
type action struct {
	// Body and Answer are the types of the request's and the answer's body; nil
	// means no body.
	Body, Answer reflect.Type
	// Query lists the parameters that the endpoint takes; it refuses all others.
	Query []Parameter
	// Repeatable actions honor [IdempotencyKey].
	Repeatable bool

	serve func(context.Context, API, call) (reply, error)
}

// none stands for the absence of a body, in a request or an answer.
type none = struct{}

// on returns an action that reads the request into B and calls act.
func on[B, A any](act func(context.Context, API, request[B]) (answer[A], error), query ...Parameter) action {
	return action{Body: typeOf[B](), Answer: typeOf[A](), Query: query, serve: func(ctx context.Context, api API, c call) (reply, error) {
		req, err := read[B](c, query)
		if err != nil {
			return reply{}, err
		}
		return req.condition.try(func(version int64) (reply, error) {
			req.version = version
			done, err := act(ctx, api, req)
			return done.reply(), err
		})
	}}
}

// typeOf returns the type T, or nil for [none].
func typeOf[T any]() reflect.Type {
	if t := reflect.TypeFor[T](); t != reflect.TypeFor[none]() {
		return t
	}
	return nil
}
