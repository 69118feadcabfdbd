package apigw

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/keyward/keyward/shared/operations"
)

// Endpoint is one operation in one dialect. Its row is all that is written of it
// besides the table of operations: the handler and the OpenAPI document both
// follow from the row.
type Endpoint struct {
	action
	// Subject is what the {id} of the path names.
	Subject Subject
	// Tagged answers carry an ETag. SometimesTagged answers carry one unless the
	// caller has no key.
	Tagged, SometimesTagged bool
	// Creates means that the endpoint may answer 201 as well.
	Creates bool
	// Later means that the answer's body comes with 202 alone, which says that a
	// sweep has something left to do.
	Later bool
	// Conflicts means that the endpoint may answer 409 although it takes neither a
	// body nor force.
	Conflicts bool
	// Secret is a member that no other answer of the same type has.
	Secret string
	// Besides is what the document adds to who may call the operation.
	Besides string
}

// Subject is what the {id} of a path names, such as "key", and the format of that
// id; empty for an id without one.
type Subject struct{ Name, Format string }

// noun holds the endpoints of one dialect that are about the same subject, by the
// names of their operations.
type noun struct {
	subject   Subject
	endpoints map[string]Endpoint
}

// nouns are the endpoints of each dialect.
var nouns = map[operations.Dialect][]noun{
	operations.Canonical:    {canonicalKeys, canonicalPolicies, canonicalServices, canonicalUsers, canonicalOrganization, canonicalDocument, unknownRoutes},
	operations.Catena:       {catenaKeys, catenaPolicies, unknownRoutes},
	operations.Supermetrics: {supermetricsKeys, unknownRoutes},
}

// EndpointOf returns the endpoint of the operation of that name in a dialect; ok is
// false where there is none.
func EndpointOf(name string, dialect operations.Dialect) (found Endpoint, ok bool) {
	for _, n := range nouns[dialect] {
		if found, ok = n.endpoints[name]; ok {
			found.Subject = n.subject
			return found, true
		}
	}
	return Endpoint{}, false
}

// Find returns the handler of the operation of that name, a [Handler] or a
// [DirectHandler], as lambda.Start takes it; ok is false where there is none.
func Find(api API, name string) (found any, ok bool) {
	if construct, direct := directHandlers[name]; direct {
		return construct(api), true
	}
	op, known := operations.Find(name)
	if !known || !slices.Contains(Names(), name) {
		return nil, false
	}
	return handler(api, op), true
}

// Names returns the names of all operations that have a handler, in order.
func Names() []string {
	names := slices.Collect(maps.Keys(directHandlers))
	for _, dialect := range nouns {
		for _, n := range dialect {
			names = slices.AppendSeq(names, maps.Keys(n.endpoints))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// action is what an endpoint does: it reads a request, asks the rules, and answers.
// Make one with [on] or [listing].
type action struct {
	// Body is the type of the request's body, Answer that of the answer's; nil where
	// there is none.
	Body, Answer reflect.Type
	// Query are the parameters that the endpoint takes; it refuses all others.
	Query []Parameter

	serve func(context.Context, API, call) (reply, error)
}

// none is the body of an endpoint that takes none, or answers with none.
type none = struct{}

// on makes an action of what it does, once its request is read into B.
func on[B, A any](act func(context.Context, API, request[B]) (answer[A], error), query ...Parameter) action {
	return action{typeOf[B](), typeOf[A](), query, func(ctx context.Context, api API, c call) (reply, error) {
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

// typeOf returns the type T; nil for [none].
func typeOf[T any]() reflect.Type {
	if t := reflect.TypeFor[T](); t != reflect.TypeFor[none]() {
		return t
	}
	return nil
}
