package apigw

import (
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/operations"
)

// directHandlers are the operations that an operator or a schedule invokes, by
// name.
var directHandlers = map[string]func(API) DirectHandler{
	"bootstrap":            Bootstrap,
	"suspend-organization": SuspendOrganization,
	"sweep":                Sweep,
}

// Find is the handler of the operation of that name, a [Handler] or a
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

// Names are the names of all operations that have a handler, in order.
func Names() []string {
	names := slices.Collect(maps.Keys(directHandlers))
	for _, served := range endpoints {
		names = slices.AppendSeq(names, maps.Keys(served))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Serves reports whether the operation of that name has an endpoint in the
// dialect.
func Serves(name string, dialect operations.Dialect) bool {
	_, ok := endpoints[dialect][name]
	return ok
}
