package gateway

import (
	"strconv"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// appSync is the event of an AppSync API, which asks about a whole GraphQL
// operation. A service registers the route as POST "/graphql", and the API
// without region and stage. The event has neither of those, nor a source address
// or a host name. The operation is not read because the caller writes it: a key
// may use the whole API or nothing.
//
// AppSync expects tokens without "Bearer" in front, so callers send their key as
// "Basic KEY". Its only refusal is a 401, whatever the reason; an error would
// become a 500. The answer denies no single fields. The answer itself says how
// long AppSync may cache it; a refusal may not be cached.
var appSync = shape{
	name: "appsync",
	matches: func(e *event) bool {
		return len(e.authorizerType) == 0 && len(e.version) == 0 && len(e.methodARN) == 0 && len(e.routeARN) == 0 && len(e.token) > 0 && e.context.graphQL
	},
	read: readAppSync,
	answer: func(into []byte, _ question, d verify.Decision) ([]byte, error) {
		into = appendContext(appendAuthorized(into, &d, `,"resolverContext":`), &d)
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
