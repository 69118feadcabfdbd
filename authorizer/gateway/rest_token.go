package gateway

import "github.com/keyward/keyward/shared/verify"

// restToken is a REST API's TOKEN event. It has no source address and no host
// name, so any organization's credentials are valid under any name. It has no
// path template either: the path in its ARN is matched against the registered
// templates. If an API has a route that its service does not list, and a listed
// template matches the same path, only a REQUEST authorizer can tell them apart.
var restToken = shape{
	name: "rest-token",
	matches: func(e *event) bool {
		return string(e.authorizerType) == "TOKEN" && len(e.version) == 0 && len(e.routeARN) == 0
	},
	read:   readRESTToken,
	answer: appendPolicy,
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
