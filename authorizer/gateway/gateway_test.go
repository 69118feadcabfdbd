package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

var _ lambda.Handler = (*Handler)(nil)

// Each event file asks exactly what it says.
func TestQuestions(t *testing.T) {
	address := netip.MustParseAddr("198.51.100.7")
	asked := map[string]verify.Request{}
	for name, want := range map[string]verify.Request{
		"rest-token": {API: routing.API{Account: "123456789012", ID: "demo", Region: "us-east-1", Stage: "v1"}, Method: "POST", Path: "/v1/files", Caching: verify.CachedByCredential},
		"rest-request": {API: routing.API{Account: "123456789012", ID: "keyward", Region: "us-east-1", Stage: "v1"}, Method: "GET",
			Route: "/v1/apikeys", Source: address, Host: "keyward.execute-api.us-east-1.amazonaws.com"},
		"http-simple": {API: routing.API{Account: "123456789012", ID: "demo-http", Region: "us-east-1", Stage: "$default"},
			Method: "POST", Route: "/api", Source: address, Host: "demo-http.execute-api.us-east-1.amazonaws.com", OnHTTP: true, YesOrNo: true},
		"websocket": {API: routing.API{Account: "123456789012", ID: "demo-ws", Region: "us-east-1", Stage: "live"},
			Method: "GET", Route: "$connect", Source: address, Host: "demo-ws.execute-api.us-east-1.amazonaws.com", Caching: verify.NotCached},
		"appsync": {API: routing.API{Account: "123456789012", ID: "demo-graphql"}, Method: "POST", Route: "/graphql", Caching: verify.CachedForTTL,
			Authorization: []string{"Basic " + canary}},
	} {
		if name == "http-simple" {
			asked[name], want.YesOrNo = want, false
			asked["http-policy"], asked["http-payload1"] = want, want
			continue
		}
		asked[name] = want
	}
	for name, want := range asked {
		if want.Authorization == nil {
			want.Authorization = []string{"Bearer " + canary}
		}
		d := &decider{decision: allowed("/x")}
		if _, _, err := call(t, d, load(t, name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(d.asked, []verify.Request{want}) {
			t.Errorf("%s asks %+v, want %+v", name, d.asked, want)
		}
	}
}

// An allowed request gets the answer of its kind, byte for byte; nothing is
// logged.
func TestAllowedAnswers(t *testing.T) {
	const context = `{"orgId":"acme","keyId":"` + keyIDText + `","keyType":"service","userId":"","permissions":"AccessQueries ManageFiles"}`
	policy := func(resource string) string {
		return `{"principalId":"` + keyIDText + `","policyDocument":{"Version":"2012-10-17","Statement":[` +
			`{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"` + resource + `"}]},"context":` + context + `}`
	}
	for name, want := range map[string]string{
		"rest-token":   policy("arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files/*/parts/*"),
		"rest-request": policy("arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/files/*/parts/*"),
		"http-simple":  `{"isAuthorized":true,"context":` + context + `}`,
		"http-policy":  policy("arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/POST/v1/files/*/parts/*"),
		"websocket":    policy("arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/GET/v1/files/*/parts/*"),
		"appsync":      `{"isAuthorized":true,"resolverContext":` + context + `,"deniedFields":[],"ttlOverride":0}`,
	} {
		got, log, err := call(t, &decider{decision: allowed("/v1/files/{id}/parts/{rest+}")}, load(t, name))
		if err != nil || got != want || log != "" {
			t.Errorf("%s: answered %s\nwant %s\nlogged %s, %v", name, got, want, log, err)
		}
	}
}

// Every kind of answer marks a default user.
func TestDefaultUserAnswers(t *testing.T) {
	d := allowed("/v1/files")
	d.Identity.UserID, d.Identity.ByDefault = userID, true
	const context = `"orgId":"acme","keyId":"` + keyIDText + `","keyType":"service","userId":"` + userIDText + `","userByDefault":"true","permissions":`
	for _, s := range shapes {
		if got, _, err := call(t, &decider{decision: d}, load(t, s.name)); err != nil || !strings.Contains(got, context) {
			t.Errorf("%s: answered %s, %v", s.name, got, err)
		}
	}
	d.Resources = &routing.PolicyResources{Allow: []string{"GET/v1/files"}}
	if got, _, err := call(t, &decider{decision: d}, load(t, "rest-request")); err != nil || !strings.Contains(got, context) {
		t.Errorf("a cached answer: %s, %v", got, err)
	}
}

// A REST API ignores a slash at the end of a path, and so does its policy; an
// HTTP API does not.
func TestSlashAtTheEnd(t *testing.T) {
	for name, want := range map[string]string{
		"rest-token":    `"Resource":["arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files","arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files/"]`,
		"rest-request":  `"Resource":["arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/files","arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/files/"]`,
		"http-policy":   `"Resource":"arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/POST/v1/files"`,
		"http-payload1": `"Resource":"arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/POST/v1/files"`,
	} {
		if got, _, err := call(t, &decider{decision: allowed("/v1/files")}, load(t, name)); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: answered %s, want %s, %v", name, got, want, err)
		}
	}
	if got, _, err := call(t, &decider{decision: allowed("/")}, load(t, "rest-token")); err != nil || !strings.Contains(got, `"Resource":"arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/"`) {
		t.Errorf("the root: %s, %v", got, err)
	}
}

// The principal of a caller with an access token, who has no key, is the user.
func TestUserAnswers(t *testing.T) {
	const context = `"context":{"orgId":"acme","keyId":"","keyType":"","userId":"` + userIDText + `","permissions":"ManageFiles"}}`
	for name, principal := range map[string]string{
		"rest-token": `{"principalId":"` + userIDText + `",`, "rest-request": `{"principalId":"` + userIDText + `",`, "http-simple": `{"isAuthorized":true,`,
	} {
		got, log, err := call(t, &decider{decision: allowedUser("/v1/files")}, load(t, name))
		if err != nil || !strings.HasPrefix(got, principal) || !strings.HasSuffix(got, context) || log != "" {
			t.Errorf("%s: answered %s, logged %s, %v", name, got, log, err)
		}
	}
	denied := allowedUser("/v1/files")
	denied.Outcome, denied.Code = verify.Forbidden, verify.PermissionMissing
	got, log, err := call(t, &decider{decision: denied}, load(t, "rest-request"))
	if err != nil || !strings.HasPrefix(got, `{"principalId":"`+userIDText) || !strings.Contains(log, `"userId":"`+userIDText+`"`) {
		t.Errorf("denied: answered %s, logged %s, %v", got, log, err)
	}
}

// A forbidden request gets an explicit denial with its code, on the known route
// or else on the whole stage, and one line in the log.
func TestForbiddenAnswers(t *testing.T) {
	policy := func(resource string) string {
		return `{"principalId":"` + keyIDText + `","policyDocument":{"Version":"2012-10-17","Statement":[` +
			`{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"` + resource + `"}]},"context":{"code":"ROUTE_NOT_REGISTERED"}}`
	}
	for name, want := range map[string]string{
		"rest-token":   policy("arn:aws:execute-api:us-east-1:123456789012:demo/v1/*"),
		"rest-request": policy("arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/apikeys"),
		"http-simple":  `{"isAuthorized":false,"context":{"code":"ROUTE_NOT_REGISTERED"}}`,
		"websocket":    policy("arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/$connect"),
		"appsync":      `{"isAuthorized":false,"resolverContext":{"code":"ROUTE_NOT_REGISTERED"},"deniedFields":[],"ttlOverride":0}`,
	} {
		got, log, err := call(t, &decider{decision: forbidden(verify.RouteNotRegistered, "")}, load(t, name))
		if err != nil || got != want {
			t.Errorf("%s: answered %s\nwant %s, %v", name, got, want, err)
		}
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, `"code":"ROUTE_NOT_REGISTERED"`) || !strings.Contains(log, keyIDText) {
			t.Errorf("%s: logged %s", name, log)
		}
	}
	got, _, err := call(t, &decider{decision: forbidden(verify.PermissionMissing, "/v1/files")}, load(t, "rest-token"))
	if err != nil || !strings.Contains(got, `"Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files"`) {
		t.Errorf("with a known route: %s, %v", got, err)
	}
}

// Without a valid key, every kind gets the error that API Gateway turns into a
// 401 (AppSync a plain refusal), for any reason. The log has the reason.
func TestUnauthenticatedAnswers(t *testing.T) {
	for _, s := range shapes {
		name := s.name
		for _, code := range []verify.Code{verify.CredentialMissing, verify.CredentialMalformed, verify.KeyUnknown, verify.SecretWrong, verify.SecretRetired, verify.PepperRetired,
			verify.KeyDisabled, verify.KeyNotYetValid, verify.KeyExpired, verify.GrantGone, verify.TokenRefused, verify.UserUnknown, verify.OrganizationHost} {
			got, log, err := call(t, &decider{decision: verify.Decision{Code: code}}, load(t, name))
			plain := name == "appsync" && err == nil && got == `{"isAuthorized":false,"resolverContext":{},"deniedFields":[],"ttlOverride":0}`
			if !plain && (err == nil || err.Error() != "Unauthorized" || got != "") {
				t.Errorf("%s: answered %q, %v", name, got, err)
			}
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, string(code)) {
				t.Errorf("%s: logged %s", name, log)
			}
		}
	}
}

// A failing dependency, a panic and a route that no policy can express give the
// same error with a fixed text. Only the log has the cause.
func TestFailures(t *testing.T) {
	for name, d := range map[string]*decider{
		"dependency":           {err: apikey.UnavailableError("read a key", errors.New("secret cause"))},
		"dependency, allowing": {err: errors.New("secret cause"), decision: allowed("/v1/files")},
		"panic":                {panics: "secret " + canary},
		"runtime panic":        {panics: errors.New("secret")},
	} {
		for _, s := range shapes {
			shape := s.name
			got, log, err := call(t, d, load(t, shape))
			if !errors.Is(err, ErrNoDecision) || err.Error() != "the API key could not be checked" || got != "" {
				t.Errorf("%s, %s: answered %q, %v", name, shape, got, err)
			}
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, `"level":"ERROR"`) {
				t.Errorf("%s, %s: logged %s", name, shape, log)
			}
			if strings.HasPrefix(name, "dependency") && !strings.Contains(log, "secret cause") {
				t.Errorf("%s, %s: the log lacks the cause: %s", name, shape, log)
			}
		}
	}
	for _, template := range []string{"", "v1", "/v1/*", "/v1/?", "/v1/${aws:x}", "/v1/a b", "/v1/é", "$default", "/v1/{id}x*"} {
		got, _, err := call(t, &decider{decision: allowed(template)}, load(t, "rest-request"))
		if !errors.Is(err, ErrNoDecision) || got != "" {
			t.Errorf("template %q: answered %q, %v", template, got, err)
		}
	}
}

// Answers have exactly the members of aws-lambda-go's types.
func TestAnswersAreAWSs(t *testing.T) {
	for name, into := range map[string]any{
		"rest-token":   &events.APIGatewayCustomAuthorizerResponse{},
		"rest-request": &events.APIGatewayCustomAuthorizerResponse{},
		"http-simple":  &events.APIGatewayV2CustomAuthorizerSimpleResponse{},
		"http-policy":  &events.APIGatewayV2CustomAuthorizerIAMPolicyResponse{},
		"websocket":    &events.APIGatewayCustomAuthorizerResponse{},
		"appsync":      &events.AppSyncLambdaAuthorizerResponse{},
	} {
		for _, d := range []verify.Decision{allowed("/v1/files"), forbidden(verify.PermissionMissing, "/v1/files")} {
			got, _, err := call(t, &decider{decision: d}, load(t, name))
			if err != nil {
				t.Fatal(err)
			}
			decoder := json.NewDecoder(strings.NewReader(got))
			decoder.DisallowUnknownFields()
			// IAM lets a single action or resource stand outside a list; Go's
			// type does not.
			if err := decoder.Decode(into); err != nil && !strings.Contains(err.Error(), "[]string") {
				t.Errorf("%s: %v in %s", name, err, got)
			}
		}
	}
}

// A handler serves many invocations at once (the race detector watches).
func TestConcurrency(t *testing.T) {
	handler := New(&decider{decision: allowed("/v1/files")}, slog.New(slog.DiscardHandler))
	payloads := [][]byte{load(t, "rest-token"), load(t, "rest-request"), load(t, "http-simple")}
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			if _, err := handler.Invoke(context.Background(), payloads[i%3]); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// A policy names a route without a path as the gateway does, and only if the
// gateway chose it. If the ARN has a path, the default route covers all paths of
// the method.
func TestRoutesWithoutPath(t *testing.T) {
	const catchAllARN, arn = "arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/", "routeArn"
	for _, test := range []struct {
		payload  []byte
		template string
		want     string
	}{
		{load(t, "websocket"), "$connect", "arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/$connect"},
		{edit(t, "http-policy", "$default", "routeKey"), "$default", catchAllARN + "POST/*"},
		{[]byte(strings.ReplaceAll(string(edit(t, "http-policy", catchAllARN+"$default", arn)), `"routeKey":"POST /api"`, `"routeKey":"$default"`)), "$default", catchAllARN + "$default"},
		{load(t, "rest-token"), "$connect", ""}, {load(t, "rest-token"), "$default", ""}, {load(t, "rest-request"), "$connect", ""},
		{load(t, "http-policy"), "$default", ""},
	} {
		got, _, err := call(t, &decider{decision: allowed(test.template)}, test.payload)
		if test.want == "" && (got != "" || !errors.Is(err, ErrNoDecision)) || test.want != "" && !strings.Contains(got, `"Resource":"`+test.want+`"`) {
			t.Errorf("%s: %s, %v, want %q", test.template, got, err, test.want)
		}
	}
}
