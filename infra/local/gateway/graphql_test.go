package gateway

import (
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/lambda"
)

const (
	graphQLYes = `{"isAuthorized":true,"resolverContext":{"orgId":"demo"},"deniedFields":[],"ttlOverride":0}`
	whoCalls   = `{"query":"query Q { caller }","operationName":"Q","variables":{"a":1}}`
	basicKey   = "Authorization: Basic key"
)

// The authorizer gets the token and the operation, the resolver the authorizer's
// context, and the caller the resolver's answer.
func TestGraphQLEvents(t *testing.T) {
	r := newRig(t, nil)
	r.authorizer, r.function = fixed(graphQLYes), fixed(`{"orgId":"demo"}`)
	res, body := r.send("POST", "/graphql", whoCalls, "-Authorization", basicKey, "X-App: a")
	if res.StatusCode != 200 || body != `{"data":{"caller":{"orgId":"demo"}}}` {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	expect(t, r.authorizerEvent, map[string]any{
		"authorizationToken": "Basic key", "requestHeaders.x-app": "a", "type": nil, "methodArn": nil,
		"requestContext": map[string]any{
			"apiId": "demo-graphql", "accountId": "000000000000", "requestId": res.Header.Get("X-Amzn-Requestid"),
			"queryString": "query Q { caller }", "operationName": "Q", "variables": map[string]any{"a": 1},
		},
	})
	expect(t, r.functionEvent, map[string]any{
		"identity.resolverContext": map[string]any{"orgId": "demo"}, "info.parentTypeName": "Query", "info.fieldName": "caller",
	})
	r.function = failing(errors.New("secret"))
	if res, body := r.send("POST", "/graphql", whoCalls, "-Authorization", basicKey); res.StatusCode != 200 ||
		body != `{"data":{"caller":null},"errors":[{"errorType":"Lambda:Unhandled","message":"The resolver failed.","path":["caller"]}]}` {
		t.Errorf("a resolver that fails: %d %s", res.StatusCode, body)
	}
}

// AppSync has one refusal for every caller without access, and a 500 for any
// other result of the authorizer: it does not support the text "Unauthorized". A
// token that starts with "Bearer" is refused without calling the authorizer.
func TestGraphQLRefusals(t *testing.T) {
	const refused = `{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}`
	const failed = `{"errors":[{"errorType":"InternalFailureException","message":"Internal Server Error"}]}`
	for _, c := range []struct {
		name   string
		answer func([]byte) ([]byte, error)
		header string
		status int
		body   string
	}{
		{"no", fixed(`{"isAuthorized":false,"resolverContext":{"code":"X"}}`), basicKey, 401, refused},
		{"Bearer", fixed(graphQLYes), "Authorization: bearer key", 401, refused},
		{"Unauthorized", failing(&lambda.FunctionError{Message: "Unauthorized"}), basicKey, 500, failed},
		{"failure", failing(errors.New("secret")), basicKey, 500, failed},
		{"a policy", fixed(allowAll), basicKey, 500, failed},
		{"null", fixed(`null`), basicKey, 500, failed},
		{"denied fields", fixed(`{"isAuthorized":true,"deniedFields":["Query.caller"]}`), basicKey, 500, failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.authorizer = c.answer
			res, body := r.send("POST", "/graphql", whoCalls, "-Authorization", c.header)
			if res.StatusCode != c.status || body != c.body || r.functionEvent != nil {
				t.Errorf("%d %s, want %d %s", res.StatusCode, body, c.status, c.body)
			}
			if asked := r.asked.Load(); (asked == 0) != (c.name == "Bearer") {
				t.Errorf("asked %d times", asked)
			}
		})
	}
	r := newRig(t, nil)
	for _, body := range []string{"", "null", `{}`, `{"query":""}`, `{"query":7}`, `{caller}`} {
		if res, _ := r.send("POST", "/graphql", body, "-Authorization", basicKey); res.StatusCode != 400 {
			t.Errorf("body %q: status %d", body, res.StatusCode)
		}
	}
}

// An answer's own TTL takes precedence over the API's.
func TestGraphQLTimeToLive(t *testing.T) {
	for answer, want := range map[string]int32{
		graphQLYes:                               2,
		`{"isAuthorized":true}`:                  1,
		`{"isAuthorized":true,"ttlOverride":60}`: 1,
	} {
		r := newRig(t, func(c *Config) { c.APIs[len(c.APIs)-1].Authorizer.TTL = time.Minute })
		r.authorizer = fixed(answer)
		r.function = fixed(`{}`)
		for range 2 {
			if res, body := r.send("POST", "/graphql", whoCalls, "-Authorization", basicKey); res.StatusCode != 200 {
				t.Errorf("%s: %d %s", answer, res.StatusCode, body)
			}
		}
		if got := r.asked.Load(); got != want {
			t.Errorf("%s: asked %d times, want %d", answer, got, want)
		}
	}
}
