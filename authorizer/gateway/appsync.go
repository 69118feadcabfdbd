package gateway

import (
	"strconv"

	"github.com/keyward/keyward/shared/routing"
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
// be a 500. No single field is denied. AppSync keeps an answer for as long as
// that says: a refusal not at all.
var appSync = shape{
	name: "appsync",
	matches: func(e *event) bool {
		return len(e.kind) == 0 && len(e.version) == 0 && len(e.methodARN) == 0 && len(e.routeARN) == 0 && len(e.token) > 0 && e.context.graphQL
	},
	read: readAppSync,
	answer: func(into []byte, _ question, d verify.Decision) ([]byte, error) {
		into = appendContext(appendAuthorized(into, d, `,"resolverContext":`), d)
		into = append(into, `,"deniedFields":[],"ttlOverride":`...)
		return append(strconv.AppendInt(into, int64(d.TTL.Seconds()), 10), '}'), nil
	},
	unauthorized: `{"isAuthorized":false,"resolverContext":{},"deniedFields":[],"ttlOverride":0}`,
}

func readAppSync(e *event) (question, error) {
	api := routing.API{Account: string(e.context.account), ID: string(e.context.api)}
	if !isAccount(api.Account) || !isName(api.ID) {
		return question{}, errContradicts
	}
	return question{Request: verify.Request{Authorization: e.tokenOf(), API: api, Method: "POST", Route: "/graphql", Caching: verify.CachedForTTL}}, nil
}
