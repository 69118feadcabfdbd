package gateway

import "github.com/keyward/keyward/shared/verify"

// restRequest is a REST API's REQUEST event.
var restRequest = shape{
	name:    "rest-request",
	matches: func(e *event) bool { return e.isRequest() && len(e.version) == 0 },
	read:    readRequest,
	answer:  appendPolicy,
}

// httpPayload1 is an HTTP API's event in payload format 1.0, which differs from
// the REST API's only in its version. Its answer is always a policy. The event
// also has a token, taken from any of the API's identity sources, which is not
// read.
var httpPayload1 = shape{
	name:    "http-payload1",
	matches: func(e *event) bool { return e.isRequest() && string(e.version) == "1.0" },
	read:    readRequest,
	answer:  appendPolicy,
}

// isRequest reports whether an event describes an HTTP request in the format of
// REST APIs. A WebSocket's event has no method.
func (e *event) isRequest() bool {
	return string(e.authorizerType) == "REQUEST" && len(e.routeARN) == 0 && len(e.context.method) > 0 && len(e.context.connection) == 0
}

func readRequest(e *event) (question, error) {
	template := e.context.resourcePath
	if len(template) == 0 {
		template = e.resource
	}
	text, route, source := toStrings(e.methodARN, template, e.context.source)
	arn, err := parseARN(text)
	if err != nil {
		return question{}, err
	}
	api, err := e.api(arn)
	if err != nil {
		return question{}, err
	}
	method := methodOf(e.context.method)
	if method == "" || route == "" || !arn.matches(method, route) {
		return question{}, errContradicts
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.authorization(),
		API:           api, Method: method, Route: route,
		Source: address(source), OnHTTP: string(e.version) == "1.0",
	}}, nil
}
