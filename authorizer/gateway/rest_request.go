package gateway

import (
	"cmp"

	"github.com/keyward/keyward/shared/verify"
)

// restRequest is a REST API's REQUEST event. A WebSocket's event looks alike
// but has no HTTP method.
var restRequest = shape{
	name: "rest-request",
	matches: func(e *event) bool {
		return e.Type == "REQUEST" && e.Version == "" && e.RouteARN == "" && e.RequestContext.HTTPMethod != ""
	},
	read:   readRESTRequest,
	answer: policyOf,
}

func readRESTRequest(e *event) (question, error) {
	arn, err := parseARN(e.MethodARN)
	if err != nil {
		return question{}, err
	}
	api, err := e.api(arn)
	if err != nil {
		return question{}, err
	}
	method, template := e.RequestContext.HTTPMethod, cmp.Or(e.RequestContext.ResourcePath, e.Resource)
	if method != arn.method || !isMethod(method) || template == "" {
		return question{}, errContradicts
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.authorization(),
		API:           api, Method: method, Route: template,
		Source: address(e.RequestContext.Identity.SourceIP),
	}}, nil
}
