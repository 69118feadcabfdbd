package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/shared/operations"
)

func failing(err error) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return nil, err }
}

const denyAll = `{"principalId":"p","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]},
	"context":{"code":"PERMISSION_\"MISSING\""}}`

// Whatever a REST authorizer does, the caller gets the matching gateway
// response. The function is called only after an Allow. An invalid answer is an
// authorizer configuration error.
func TestRESTAuthorizerAnswers(t *testing.T) {
	statement := func(s string) string { return `{"principalId":"p","policyDocument":{"Statement":[` + s + `]}}` }
	for _, c := range []struct {
		name   string
		answer func([]byte) ([]byte, error)
		status int
		code   string
	}{
		{"allow", fixed(allowAll), 200, ""},
		{"deny", fixed(denyAll), 403, `PERMISSION_"MISSING"`},
		{"deny without a code", fixed(statement(`{"Effect":"Deny","Action":"*","Resource":"*"}`)), 403, ""},
		{"allow of another route", fixed(statement(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:execute-api:*:*:*/*/DELETE/*"}`)), 403, ""},
		{"Unauthorized", failing(&lambda.FunctionError{Type: "errorString", Message: "Unauthorized"}), 401, "UNAUTHENTICATED"},
		{"unauthorized", failing(&lambda.FunctionError{Type: "errorString", Message: "unauthorized"}), 503, "UNAVAILABLE"},
		{"Unauthorized, but not from the function", failing(errors.New("Unauthorized")), 503, "UNAVAILABLE"},
		{"exit", failing(&lambda.FunctionError{Type: lambda.ExitError, Message: "exit"}), 503, "UNAVAILABLE"},
		{"null", fixed(`null`), 503, "UNAVAILABLE"},
		{"not JSON", fixed(`nonsense`), 503, "UNAVAILABLE"},
		{"no policy", fixed(`{"principalId":"p"}`), 503, "UNAVAILABLE"},
		{"no principal", fixed(`{"policyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}`), 503, "UNAVAILABLE"},
		{"condition", fixed(statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}`)), 503, "UNAVAILABLE"},
		{"nested context", fixed(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]},"context":{"a":{}}}`), 503, "UNAVAILABLE"},
		{"simple answer", fixed(`{"isAuthorized":true}`), 503, "UNAVAILABLE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.authorizer = c.answer
			res, body := r.send("GET", "/v1/apikeys/x", "")
			if res.StatusCode != c.status {
				t.Fatalf("status %d, want %d: %s", res.StatusCode, c.status, body)
			}
			if called := r.functionEvent != nil; called != (c.status == 200) {
				t.Fatalf("function called: %v", called)
			}
			if c.status == 200 {
				return
			}
			checkProblem(t, res, body, c.code)
			if kind := res.Header.Get("X-Amzn-Errortype"); (kind == "AuthorizerConfigurationException") != (c.status == 503) {
				t.Errorf("status %d has X-Amzn-Errortype %q", c.status, kind)
			}
		})
	}
}

// checkProblem checks that a refusal has the form of Keyward's problems.
func checkProblem(t *testing.T, res *http.Response, body, code string) {
	t.Helper()
	var problem struct{ Code, RequestID string }
	if err := json.Unmarshal([]byte(body), &problem); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if problem.Code != code || problem.RequestID != res.Header.Get("X-Amzn-Requestid") || problem.RequestID == "" {
		t.Errorf("problem %+v, want code %q", problem, code)
	}
	for name, want := range map[string]string{"Content-Type": "application/problem+json", "Access-Control-Allow-Origin": "*"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if res.Header.Get("X-Amzn-Errortype") == "" {
		t.Error("no X-Amzn-Errortype")
	}
	if got := res.Header.Get("WWW-Authenticate"); (got == operations.Challenge) != (res.StatusCode == 401) {
		t.Errorf("status %d has WWW-Authenticate %q", res.StatusCode, got)
	}
	if got := res.Header.Get("Retry-After"); (got != "") != (res.StatusCode == 503) {
		t.Errorf("status %d has Retry-After %q", res.StatusCode, got)
	}
}

// HTTP APIs answer with their fixed bodies, for every format of authorizer. An
// answer in another format is invalid.
func TestHTTPAuthorizerAnswers(t *testing.T) {
	const failed = `{"message":"Internal Server Error"}`
	type row struct {
		name   string
		answer func([]byte) ([]byte, error)
		status int
		body   string
	}
	common := []row{
		{"Unauthorized", failing(&lambda.FunctionError{Message: "Unauthorized"}), 401, `{"message":"Unauthorized"}`},
		{"failure", failing(&lambda.FunctionError{Message: "no"}), 500, failed},
		{"null", fixed(`null`), 500, failed},
	}
	simple := append([]row{
		{"yes", fixed(`{"isAuthorized":true}`), 200, "{}"},
		{"no", fixed(`{"isAuthorized":false,"context":{"code":"X"}}`), 403, `{"message":"Forbidden"}`},
		{"a policy", fixed(allowAll), 500, failed},
		{"text for a boolean", fixed(`{"isAuthorized":"true"}`), 500, failed},
		{"null for it", fixed(`{"isAuthorized":null}`), 500, failed},
	}, common...)
	policies := append([]row{
		{"allow", fixed(allowAll), 200, "{}"},
		{"deny", fixed(denyAll), 403, `{"message":"Forbidden"}`},
		{"a simple answer", fixed(`{"isAuthorized":true}`), 500, failed},
	}, common...)
	for _, route := range []struct {
		method, path string
		rows         []row
	}{{"POST", "/api/x", simple}, {"GET", "/one/x", policies}, {"GET", "/two/x", policies}} {
		for _, c := range route.rows {
			t.Run(route.path+" "+c.name, func(t *testing.T) {
				r := newRig(t, nil)
				r.authorizer = c.answer
				res, body := r.send(route.method, route.path, "")
				if res.StatusCode != c.status || body != c.body {
					t.Errorf("%d %s, want %d %s", res.StatusCode, body, c.status, c.body)
				}
				if called := r.functionEvent != nil; called != (c.status == 200) {
					t.Errorf("function called: %v", called)
				}
			})
		}
	}
}

// With a TTL, an answer is reused for the same identity on other routes of the
// same API, and its policy is evaluated again. Errors are never cached, and
// nothing is without a TTL.
func TestAuthorizerCache(t *testing.T) {
	r := newRig(t, func(c *Config) { c.APIs[0].Authorizer.TTL = time.Minute })
	r.authorizer = failing(&lambda.FunctionError{Message: "Unauthorized"})
	r.send("GET", "/v1/apikeys/x", "")
	r.authorizer = fixed(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*/GET/*"},
		{"Effect":"Allow","Action":"*","Resource":"arn:aws:execute-api:*:*:*/*/GET/*"}]}}`)
	for _, c := range []struct {
		method, path, credential string
		status                   int
		asked                    int32
	}{
		{"GET", "/v1/apikeys/x", "Bearer key", 200, 2},
		{"GET", "/v1/apikeys/y", "Bearer key", 200, 2},
		{"POST", "/v1/apikeys", "Bearer key", 403, 2},
		{"GET", "/v1/apikeys/x", "Bearer other", 200, 3},
		{"POST", "/v1/files", "Bearer key", 403, 4},
		{"POST", "/v1/files", "Bearer key", 403, 5},
	} {
		res, _ := r.send(c.method, c.path, "", "-Authorization", "Authorization: "+c.credential)
		if res.StatusCode != c.status || r.asked.Load() != c.asked {
			t.Errorf("%s %s %s: status %d after %d questions, want %d after %d",
				c.method, c.path, c.credential, res.StatusCode, r.asked.Load(), c.status, c.asked)
		}
	}
}

// An entry lives exactly as long as its TTL, and the cache is limited.
func TestCacheLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache()
		c.put("none", verdict{simple: true}, 0)
		c.put("key", verdict{simple: true}, time.Minute)
		if _, found := c.get("none"); found {
			t.Error("an answer was kept without a TTL")
		}
		time.Sleep(time.Minute - time.Nanosecond)
		if v, found := c.get("key"); !found || !v.simple {
			t.Error("the entry went too early")
		}
		time.Sleep(time.Nanosecond)
		if _, found := c.get("key"); found {
			t.Error("the entry outlived its TTL")
		}
		for n := range 3 * cacheSize {
			c.put(string(rune(n)), verdict{}, time.Minute)
		}
		if c.entries.Len() > cacheSize {
			t.Errorf("%d entries", c.entries.Len())
		}
	})
}
