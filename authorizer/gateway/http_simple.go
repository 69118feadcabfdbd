package gateway

import (
	"strings"

	"github.com/keyward/keyward/shared/verify"
)

// httpSimple is an HTTP API's event in payload format 2.0, with the simple
// answer. A service registers the catch-all route as ANY "$default", the name
// that API Gateway gives it.
var httpSimple = shape{
	name:    "http-simple",
	matches: func(e *event) bool { return e.Type == "REQUEST" && e.Version == "2.0" && e.RouteARN != "" },
	read:    readHTTP,
	answer: func(_ question, d verify.Decision) (any, error) {
		return simpleAnswer{d.Outcome == verify.Allowed, contextOf(d)}, nil
	},
}

type simpleAnswer struct {
	IsAuthorized bool `json:"isAuthorized"`
	Context      any  `json:"context"`
}

// defaultRoute is the route key of the catch-all route.
const defaultRoute = "$default"

func readHTTP(e *event) (question, error) {
	arn, err := parseARN(e.RouteARN)
	if err != nil {
		return question{}, err
	}
	api, err := e.api(arn)
	if err != nil {
		return question{}, err
	}
	method, template := e.RequestContext.HTTP.Method, e.RouteKey
	if template != defaultRoute {
		registered, path, found := strings.Cut(e.RouteKey, " ")
		if !found || path == "" || registered != method && registered != "ANY" {
			return question{}, errContradicts
		}
		template = path
	}
	if method == "" {
		return question{}, errContradicts
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.authorization(),
		API:           api, Method: method, Route: template,
		Source: address(e.RequestContext.HTTP.SourceIP),
	}}, nil
}
