package gateway

import "github.com/keyward/keyward/shared/verify"

// restToken is a REST API's TOKEN event. It has neither a source address nor a
// host name, so that any organization's credentials count under any name, nor
// the route's template: the path in its ARN is matched against the registered
// templates. Where an API has a route that its service does not list beside a
// template that fits the same path, only the REQUEST kind can tell them apart.
var restToken = shape{
	name:    "rest-token",
	matches: func(e *event) bool { return string(e.kind) == "TOKEN" && len(e.version) == 0 && len(e.routeARN) == 0 },
	read:    readRESTToken,
	answer:  policyOf,
}

func readRESTToken(e *event) (question, error) {
	arn, err := parseARN(string(e.methodARN))
	if err != nil {
		return question{}, err
	}
	if !isMethod(arn.method) {
		return question{}, errARN
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.tokenOf(), API: arn.api, Method: arn.method, Path: arn.path,
		Caching: verify.CachedByCredential,
	}}, nil
}
