package apigw

import (
	"maps"
	"slices"
)

// handlers are the operations that API Gateway invokes, by name.
var handlers = map[string]func(API) Handler{
	"create-apikey":    CreateAPIKey,
	"list-apikeys":     ListAPIKeys,
	"get-apikey":       GetAPIKey,
	"update-apikey":    UpdateAPIKey,
	"patch-apikey":     PatchAPIKey,
	"delete-apikey":    DeleteAPIKey,
	"list-permissions": ListPermissions,
	"whoami":           WhoAmI,
	"get-openapi":      GetOpenAPI,
}

// directHandlers are the operations that an operator invokes, by name.
var directHandlers = map[string]func(API) DirectHandler{
	"bootstrap": Bootstrap,
}

// Find is the handler of the operation of that name, a [Handler] or a
// [DirectHandler], as lambda.Start takes it; ok is false where there is none.
func Find(api API, name string) (handler any, ok bool) {
	if construct, found := handlers[name]; found {
		return construct(api), true
	}
	if construct, found := directHandlers[name]; found {
		return construct(api), true
	}
	return nil, false
}

// Names are the names of all operations that have a handler, in order.
func Names() []string {
	names := slices.Collect(maps.Keys(handlers))
	names = slices.AppendSeq(names, maps.Keys(directHandlers))
	slices.Sort(names)
	return names
}
