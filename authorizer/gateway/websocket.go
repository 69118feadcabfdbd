package gateway

import (
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// webSocket is a WebSocket API's event. Only the route [routing.Connect] has an
// authorizer: it asks once for each connection, not for the messages sent over it. A
// service registers the route as GET "$connect", since GET is the method of a
// WebSocket handshake.
var webSocket = shape{
	name: "websocket",
	matches: func(e *event) bool {
		return string(e.authorizerType) == "REQUEST" && len(e.version) == 0 && len(e.routeARN) == 0 && len(e.context.method) == 0 &&
			len(e.context.connection) > 0 && string(e.context.eventType) == "CONNECT" && string(e.context.routeKey) == routing.Connect
	},
	read:   readWebSocket,
	answer: appendPolicy,
}

// readWebSocket takes the account from the ARN alone, because this event's
// context has none.
func readWebSocket(e *event) (question, error) {
	text, _, source := toStrings(e.methodARN, nil, e.context.source)
	arn, err := parseARN(text)
	if err != nil {
		return question{}, err
	}
	if arn.method != routing.Connect || arn.path != "/" || arn.api.ID != string(e.context.api) ||
		len(e.context.account) > 0 && arn.api.Account != string(e.context.account) {
		return question{}, errContradicts
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.authorization(),
		API:           arn.api, Method: "GET", Route: routing.Connect,
		Source: address(source), Caching: verify.NotCached,
	}}, nil
}
