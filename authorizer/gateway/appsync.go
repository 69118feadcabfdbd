package gateway

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/verify"
)

// appSync is an AppSync API's event, which asks for a whole GraphQL operation.
// A service registers the route as POST "/graphql", and the API without region
// and stage, since the event has none. Nor has it a source address or a host
// name. The operation, which is the caller's to write, is not read: a key may
// use the API or it may not.
//
// AppSync wants tokens that do not begin with "Bearer": callers send their key
// as "Basic KEY". Its one refusal is a 401, for whatever reason; an error would
// be a 500.
var appSync = shape{
	name: "appsync",
	matches: func(e *event) bool {
		return len(e.kind) == 0 && len(e.version) == 0 && len(e.methodARN) == 0 && len(e.routeARN) == 0 && len(e.token) > 0 && e.context.graphQL
	},
	read: readAppSync,
	answer: func(into []byte, _ question, d verify.Decision) ([]byte, error) {
		into = appendContext(appendAuthorized(into, d, `,"resolverContext":`), d)
		return append(into, appSyncEnd...), nil
	},
	unauthorized: `{"isAuthorized":false,"resolverContext":{}` + appSyncEnd,
}

// appSyncEnd denies no single field, and has AppSync keep no answer.
const appSyncEnd = `,"deniedFields":[],"ttlOverride":0}`

func readAppSync(e *event) (question, error) {
	api := apikey.API{Account: string(e.context.account), ID: string(e.context.api)}
	if !isAccount(api.Account) || !isName(api.ID) {
		return question{}, errContradicts
	}
	return question{Request: verify.Request{Authorization: e.tokenOf(), API: api, Method: "POST", Route: "/graphql"}}, nil
}
