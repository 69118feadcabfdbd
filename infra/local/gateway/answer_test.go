package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/lambda"
)

// A REST function's answer becomes an HTTP response; a malformed one becomes a
// 502.
func TestRESTAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		status       int
		body         string
		header       string // "Name: value" to find
	}{
		{"plain", `{"statusCode":201,"headers":{"Etag":"\"1\""},"body":"x"}`, 201, "x", `Etag: "1"`},
		{"status as text", `{"statusCode":"204"}`, 204, "", ""},
		{"null body", `{"statusCode":200,"body":null}`, 200, "", "Content-Type: application/json"},
		{"multi-value wins", `{"statusCode":200,"headers":{"A":"1"},"multiValueHeaders":{"A":["2","3"]}}`, 200, "", "A: 2"},
		{"number in a header", `{"statusCode":200,"headers":{"Retry-After":1}}`, 200, "", "Retry-After: 1"},
		{"base64 where bodies are text", `{"statusCode":200,"body":"eA==","isBase64Encoded":true}`, 200, "eA==", ""},
		{"a challenge is renamed", `{"statusCode":401,"headers":{"WWW-Authenticate":"Basic"}}`, 401, "", "X-Amzn-Remapped-Www-Authenticate: Basic"},
		{"no status", `{"body":"x"}`, 502, "", ""},
		{"status out of range", `{"statusCode":99}`, 502, "", ""},
		{"fractional status", `{"statusCode":200.5}`, 502, "", ""},
		{"body is an object", `{"statusCode":200,"body":{}}`, 502, "", ""},
		{"header is an object", `{"statusCode":200,"headers":{"A":{}}}`, 502, "", ""},
		{"header splitting", `{"statusCode":200,"headers":{"A\r\nB":"x"}}`, 502, "", ""},
		{"null", `null`, 502, "", ""},
		{"a list", `[]`, 502, "", ""},
		{"not JSON", `oh`, 502, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.function = fixed(c.answer)
			res, body := r.send("POST", "/v1/apikeys", "{}")
			if res.StatusCode != c.status || c.status != 502 && body != c.body {
				t.Fatalf("%d %s, want %d %s", res.StatusCode, body, c.status, c.body)
			}
			name, value, _ := strings.Cut(c.header, ": ")
			if got := res.Header.Get(name); c.header != "" && got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
			if c.status == 502 {
				checkProblem(t, res, body, "INTERNAL")
			}
			if res.Header.Get("WWW-Authenticate") != "" {
				t.Error("a function's WWW-Authenticate passed")
			}
		})
	}
}

// An API with binary bodies decodes base64; invalid base64 is a 502.
func TestBinaryAnswers(t *testing.T) {
	r := newRig(t, nil)
	r.function = fixed(`{"statusCode":200,"body":"/wA=","isBase64Encoded":true}`)
	if res, body := r.send("POST", "/v1/files", ""); res.StatusCode != 200 || body != "\xff\x00" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	r.function = fixed(`{"statusCode":200,"body":"%","isBase64Encoded":true}`)
	if res, _ := r.send("POST", "/v1/files", ""); res.StatusCode != 502 {
		t.Errorf("status %d, want 502", res.StatusCode)
	}
}

// An HTTP API infers an answer from plain JSON, and answers failures with 500.
func TestHTTPAnswers(t *testing.T) {
	for _, c := range []struct {
		answer string
		status int
		body   string
	}{
		{`{"statusCode":201,"body":"eA==","isBase64Encoded":true,"cookies":["a=b"]}`, 201, "x"},
		{` {"hello":1} `, 200, `{"hello":1}`},
		{`"text"`, 200, `"text"`},
		{`nonsense`, 500, `{"message":"Internal Server Error"}`},
		{`{"statusCode":7}`, 500, `{"message":"Internal Server Error"}`},
	} {
		r := newRig(t, nil)
		r.authorizer, r.function = fixed(`{"isAuthorized":true}`), fixed(c.answer)
		if res, body := r.send("POST", "/api/x", ""); res.StatusCode != c.status || body != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.answer, res.StatusCode, body, c.status, c.body)
		}
	}
}

// A function that fails, is too slow or unreachable gives the matching gateway
// response, without the function's message.
func TestFunctionFailures(t *testing.T) {
	for _, c := range []struct {
		err          error
		status, http int
		code         string
	}{
		{&lambda.FunctionError{Type: "x", Message: "secret"}, 502, 500, "INTERNAL"},
		{context.DeadlineExceeded, 503, 503, "UNAVAILABLE"},
		{errors.New("secret"), 503, 500, "UNAVAILABLE"},
	} {
		r := newRig(t, nil)
		r.function = failing(c.err)
		res, body := r.send("POST", "/v1/apikeys", "{}")
		if res.StatusCode != c.status || strings.Contains(body, "secret") {
			t.Errorf("%v: %d %s, want %d", c.err, res.StatusCode, body, c.status)
		}
		checkProblem(t, res, body, c.code)
		r.authorizer = fixed(`{"isAuthorized":true}`)
		if res, _ := r.send("POST", "/api/x", "{}"); res.StatusCode != c.http {
			t.Errorf("%v on an HTTP API: %d, want %d", c.err, res.StatusCode, c.http)
		}
	}
}

// A request without a route, or one that is too large, is refused without
// calling anything. A REST API takes the key of a request without a route for an
// incomplete signature, and answers a request that is too large in a special
// format.
func TestRefusedBeforeAuthorization(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		method, path, body string
		header             string
		status             int
		code               string
	}{
		{"GET", "/none", "", "-Authorization", 404, "NOT_FOUND"},
		{"PUT", "/v1/apikeys/x", "", "-Authorization", 404, "NOT_FOUND"},
		{"GET", "/none", "", "Accept: */*", 403, "REQUEST_REFUSED"},
		{"POST", "/v1/apikeys", strings.Repeat("x", MaxBody+1), "Accept: */*", 413, ""},
	} {
		res, body := r.send(c.method, c.path, c.body, c.header)
		if res.StatusCode != c.status {
			t.Fatalf("%s %s: status %d, want %d", c.method, c.path, res.StatusCode, c.status)
		}
		if c.code != "" {
			checkProblem(t, res, body, c.code)
		} else if body != `{"message":"RequestTooLarge"}` {
			t.Errorf("AWS's own body is %s", body)
		}
	}
	if n := r.asked.Load(); n != 0 {
		t.Errorf("the authorizer was asked %d times", n)
	}
	if res, _ := r.send("POST", "/v1/files", strings.Repeat("x", lambda.MaxPayload)); res.StatusCode != 413 {
		t.Errorf("a body over Lambda's limit: status %d, want 413", res.StatusCode)
	}
}

// An API without gateway responses uses API Gateway's defaults.
func TestDefaultResponses(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Responses = nil })
	if res, body := r.send("GET", "/none", ""); res.StatusCode != 403 || !strings.Contains(body, `"message"`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// Only REST routes answer a browser's preflight without a credential.
func TestPreflight(t *testing.T) {
	r := newRig(t, nil)
	res, _ := r.send("OPTIONS", "/v1/apikeys/x", "", "-Authorization")
	if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Methods") != "GET,OPTIONS" ||
		res.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	r = newRig(t, func(c *Config) {
		c.APIs[0].Routes = append(c.APIs[0].Routes, Route{Method: "ANY", Path: "/v2/{proxy+}", Public: true, Invoke: c.APIs[0].Routes[0].Invoke})
	})
	res, _ = r.send("OPTIONS", "/v2/anything", "", "-Authorization")
	if allowed := res.Header.Get("Access-Control-Allow-Methods"); res.StatusCode != 204 || !strings.Contains(allowed, "PATCH") || strings.Contains(allowed, "ANY") {
		t.Errorf("a route of any method: %d %v", res.StatusCode, res.Header)
	}
	for _, path := range []string{"/none", "/api/x"} {
		if res, _ := r.send("OPTIONS", path, "", "-Authorization"); res.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, res.StatusCode)
		}
	}
}
