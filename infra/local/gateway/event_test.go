package gateway

import (
	"strings"
	"testing"
)

// A REST function and its REQUEST authorizer get the request in every format
// that API Gateway uses, with the source address of the socket only.
func TestRESTEvents(t *testing.T) {
	r := newRig(t, nil)
	res, _ := r.send("GET", "/v1/apikeys/a%20b?x=1&x=2&y=%26", "", "X-Many: one", "X-Many: two",
		"X-Forwarded-For: 6.6.6.6", "X-Amzn-Requestid: forged", "User-Agent: test")
	if res.StatusCode != 200 {
		t.Fatalf("status %d", res.StatusCode)
	}
	for name, event := range map[string]map[string]any{"authorizer": r.authorizerEvent, "function": r.functionEvent} {
		t.Run(name, func(t *testing.T) {
			expect(t, event, map[string]any{
				"resource": "/v1/apikeys/{id}", "path": "/v1/apikeys/a%20b", "httpMethod": "GET",
				"headers.X-Many": "two", "multiValueHeaders.X-Many": []string{"one", "two"},
				"headers.Authorization":           "Bearer key",
				"headers.X-Forwarded-For":         "6.6.6.6, 127.0.0.1",
				"queryStringParameters":           map[string]string{"x": "2", "y": "&"},
				"multiValueQueryStringParameters": map[string][]string{"x": {"1", "2"}, "y": {"&"}},
				"pathParameters":                  map[string]string{"id": "a b"},
				"stageVariables":                  nil,
				"requestContext.accountId":        "000000000000", "requestContext.apiId": "keyward",
				"requestContext.stage": "v1", "requestContext.httpMethod": "GET",
				"requestContext.resourcePath": "/v1/apikeys/{id}", "requestContext.path": "/v1/apikeys/a%20b",
				"requestContext.identity.sourceIp": "127.0.0.1", "requestContext.identity.userAgent": "test",
				"requestContext.identity.user": nil, "requestContext.protocol": "HTTP/1.1",
				"requestContext.requestId": res.Header.Get("X-Amzn-Requestid"),
			})
			if at(event, "requestContext.requestTimeEpoch").(float64) < 1e12 {
				t.Error("requestTimeEpoch is not in milliseconds")
			}
		})
	}
	expect(t, r.authorizerEvent, map[string]any{
		"type": "REQUEST", "body": nil,
		"methodArn": "arn:aws:execute-api:us-east-1:000000000000:keyward/v1/GET/v1/apikeys/a%20b",
	})
	expect(t, r.functionEvent, map[string]any{
		"type": nil, "body": nil, "isBase64Encoded": false,
		"requestContext.authorizer.orgId":  "demo",
		"requestContext.authorizer.number": "12", "requestContext.authorizer.yes": "true",
		"requestContext.authorizer.principalId": "p",
	})
}

// A request without a query has nulls, as in API Gateway. A public route has no
// authorizer context.
func TestRESTEventOfPublicRoute(t *testing.T) {
	r := newRig(t, nil)
	if res, _ := r.send("GET", "/v1/open", "", "-Authorization"); res.StatusCode != 200 || r.asked.Load() != 0 {
		t.Fatalf("status %d, the authorizer was asked %d times", res.StatusCode, r.asked.Load())
	}
	expect(t, r.functionEvent, map[string]any{
		"queryStringParameters": nil, "pathParameters": nil, "requestContext.authorizer": nil, "body": nil,
	})
}

// A TOKEN authorizer gets only the credential and the ARN.
func TestTokenEvent(t *testing.T) {
	r := newRig(t, nil)
	r.send("POST", "/v1/files", "x")
	if len(r.authorizerEvent) != 3 {
		t.Errorf("the event has %d fields", len(r.authorizerEvent))
	}
	expect(t, r.authorizerEvent, map[string]any{
		"type": "TOKEN", "authorizationToken": "Bearer key",
		"methodArn": "arn:aws:execute-api:us-east-1:000000000000:demo/v1/POST/v1/files",
	})
}

// HTTP API events are payload 2.0.
func TestHTTPEvents(t *testing.T) {
	r := newRig(t, nil)
	r.authorizer = fixed(`{"isAuthorized":true,"context":{"orgId":"demo","n":1}}`)
	res, _ := r.send("POST", "/api/x?a=1&a=2", `{"a":1}`, "Content-Type: application/json; charset=utf-8",
		"X-Many: one", "X-Many: two", "Cookie: a=b; c=d")
	if res.StatusCode != 200 {
		t.Fatalf("status %d", res.StatusCode)
	}
	shared := map[string]any{
		"version": "2.0", "routeKey": "POST /api/{name}", "rawPath": "/api/x", "rawQueryString": "a=1&a=2",
		"headers.x-many": "one,two", "headers.cookie": nil, "cookies": []string{"a=b", "c=d"},
		"queryStringParameters": map[string]string{"a": "1,2"}, "pathParameters": map[string]string{"name": "x"},
		"requestContext.http.method": "POST", "requestContext.http.sourceIp": "127.0.0.1",
		"requestContext.apiId": "demo-http", "requestContext.stage": "$default", "requestContext.routeKey": "POST /api/{name}",
	}
	expect(t, r.authorizerEvent, shared)
	expect(t, r.authorizerEvent, map[string]any{
		"type": "REQUEST", "identitySource": []string{"Bearer key"}, "body": nil,
		"routeArn": "arn:aws:execute-api:us-east-1:000000000000:demo-http/$default/POST/api/x",
	})
	expect(t, r.functionEvent, shared)
	expect(t, r.functionEvent, map[string]any{
		"body": `{"a":1}`, "isBase64Encoded": false, "type": nil,
		"requestContext.authorizer.lambda": map[string]any{"orgId": "demo", "n": 1},
	})
}

// An HTTP API's authorizer that returns policies gets these events: payload 1.0
// has one value per header and the identity twice; 2.0 is the same as for simple
// answers. Paths are decoded, and functions see only the context.
func TestHTTPPolicyEvents(t *testing.T) {
	r := newRig(t, nil)
	if res, _ := r.send("GET", "/one/a%20b?x=1&x=2", "", "X-Many: one", "X-Many: two"); res.StatusCode != 200 {
		t.Fatalf("status %d", res.StatusCode)
	}
	expect(t, r.authorizerEvent, map[string]any{
		"version": "1.0", "type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:000000000000:demo-1/$default/GET/one/a b",
		"identitySource": "Bearer key", "authorizationToken": "Bearer key",
		"resource": "/one/{name}", "path": "/one/a b", "httpMethod": "GET", "multiValueHeaders": nil, "multiValueQueryStringParameters": nil,
		"headers.Authorization": "Bearer key", "queryStringParameters": map[string]string{"x": "2"}, "pathParameters": map[string]string{"name": "a b"},
		"requestContext.resourcePath": "/one/{name}", "requestContext.httpMethod": "GET", "requestContext.identity.sourceIp": "127.0.0.1",
		"requestContext.accountId": "000000000000", "requestContext.apiId": "demo-1", "requestContext.stage": "$default",
	})
	expect(t, r.functionEvent, map[string]any{"requestContext.authorizer.lambda": map[string]string{"orgId": "demo", "number": "12", "yes": "true"}})
	if res, _ := r.send("GET", "/two/a%20b", ""); res.StatusCode != 200 {
		t.Fatalf("status %d", res.StatusCode)
	}
	expect(t, r.authorizerEvent, map[string]any{
		"version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:us-east-1:000000000000:demo-policy/live/GET/two/a b",
		"routeKey": "GET /two/{name}", "rawPath": "/two/a b", "requestContext.http.path": "/two/a b",
		"identitySource": []string{"Bearer key"}, "stageVariables": map[string]string{"a": "b"},
	})
}

// Bodies are text or base64, according to the API's setting or, in HTTP APIs,
// the media type.
func TestBodies(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		path, body, contentType, want string
		binary                        bool
	}{
		{"/v1/apikeys", `{"name":"é"}`, "application/json", `{"name":"é"}`, false},
		{"/v1/apikeys", "\xff", "application/json", "\ufffd", false},
		{"/v1/files", "\xff\x00", "multipart/form-data; boundary=x", "/wA=", true},
		{"/v1/files", "text", "text/plain", "dGV4dA==", true},
		{"/api/x", "text", "text/plain", "text", false},
		{"/api/x", "\xff\x00", "application/octet-stream", "/wA=", true},
	} {
		r.authorizer = fixed(allowAll)
		if strings.HasPrefix(c.path, "/api") {
			r.authorizer = fixed(`{"isAuthorized":true}`)
		}
		r.functionEvent = nil
		r.send("POST", c.path, c.body, "Content-Type: "+c.contentType)
		expect(t, r.functionEvent, map[string]any{"body": c.want, "isBase64Encoded": c.binary})
	}
}
