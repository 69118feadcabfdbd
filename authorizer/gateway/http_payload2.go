package gateway

import (
	"strings"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// answerVariable is the name of a stage variable. An HTTP API with payload
// format 2.0 can expect one of two answers, and its events do not say which.
// Without the variable, the answer is the simple one. A stage whose authorizer
// has simple responses turned off sets the variable to [wantsPolicy]. The caller
// has no influence on it. A stage with the wrong value gets an answer that API
// Gateway cannot use: a 500 for every request, and never an allowance.
const answerVariable = "keywardAnswer"

const (
	wantsSimple = "simple"
	wantsPolicy = "policy"
)

// httpSimple is an HTTP API's event in payload format 2.0, with the simple
// answer. A service registers the default route as ANY "$default", as API
// Gateway names it.
var httpSimple = shape{
	name: "http-simple",
	matches: func(e *event) bool {
		return e.isPayload2() && (len(e.wantedAnswer) == 0 || string(e.wantedAnswer) == wantsSimple)
	},
	read: func(e *event) (question, error) {
		q, err := readHTTP(e)
		q.YesOrNo = true
		return q, err
	},
	answer: func(into []byte, _ question, d verify.Decision) ([]byte, error) {
		return append(appendContext(appendAuthorized(into, &d, `,"context":`), &d), '}'), nil
	},
}

// httpPolicy is the same event from a stage whose API expects a policy.
var httpPolicy = shape{
	name:    "http-policy",
	matches: func(e *event) bool { return e.isPayload2() && string(e.wantedAnswer) == wantsPolicy },
	read:    readHTTP,
	answer:  appendPolicy,
}

func (e *event) isPayload2() bool {
	return string(e.authorizerType) == "REQUEST" && string(e.version) == "2.0" && len(e.routeARN) > 0 && len(e.methodARN) == 0
}

func readHTTP(e *event) (question, error) {
	text, template, source := toStrings(e.routeARN, e.routeKey, e.context.http.source)
	arn, err := parseARN(text)
	if err != nil {
		return question{}, err
	}
	api, err := e.api(arn)
	if err != nil {
		return question{}, err
	}
	method := methodOf(e.context.http.method)
	registered := routing.AnyMethod
	if template != routing.Default {
		var path string
		var found bool
		registered, path, found = strings.Cut(template, " ")
		if !found || path == "" || registered != method && registered != routing.AnyMethod {
			return question{}, errContradicts
		}
		template = path
	}
	if method == "" || !arn.matches(method, template) {
		return question{}, errContradicts
	}
	return question{arn: arn, Request: verify.Request{
		Authorization: e.authorization(),
		API:           api, Method: method, Route: template,
		Source: address(source), OnHTTP: true, AnyMethod: registered == routing.AnyMethod,
	}}, nil
}
