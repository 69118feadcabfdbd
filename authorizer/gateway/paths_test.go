package gateway

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// oddPaths are paths that a policy, a template or a parser may read differently
// from the gateway that chose the route. MARK must never appear again.
var oddPaths = []string{
	"/MARK", "/v1/*", "/v1/?MARK", "/v1/%3FMARK", "/v1/%2A", "/*/*", "/*", "/?", "/${MARK}", "/$default", "/v1/$connect",
	"/v1/MARK/../files", "/v1/%2e%2e/MARK", "/v1/%2E%2e/files", "/v1/./files", "/v1/MARK%2Ffiles", "/v1%2Ffiles", "/v1/%66iles", "/v1/%%66iles",
	"//MARK", "/v1//files", "//v1/files", "/v1/files/", "/v1/files//", "/MARK/", "/V1/FILES", "/v1/files%00MARK", "/v1/files\x00", "/v1/files;MARK", "/v1/files#MARK",
	`/MARK"},{"Effect":"Allow`, `/v1/files\`, "/v1/fi\u200bles", "/v1/ｆiles", "/v1/files:MARK", "arn:aws:execute-api:*:*:*", "/MARK/" + strings.Repeat("a", 100_000),
}

// withPath puts a path everywhere in an event where the request's path stands,
// but not in the route's template, which the gateway sets.
func withPath(t *testing.T, name, path string) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(load(t, name), &event); err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{"methodArn", "routeArn"} {
		if text, found := event[arn].(string); found && name != "websocket" {
			parts := strings.SplitN(text, "/", 4)
			event[arn] = strings.Join(parts[:3], "/") + "/" + strings.TrimPrefix(path, "/")
		}
	}
	event["path"], event["rawPath"], event["rawQueryString"] = path, path, path
	event["pathParameters"], event["queryStringParameters"] = map[string]string{"id": path}, map[string]string{"path": path}
	if context, found := event["requestContext"].(map[string]any); found {
		context["path"] = path
		if http, found := context["http"].(map[string]any); found {
			http["path"] = path
		}
		for _, operation := range []string{"queryString", "operationName"} {
			if _, found := context[operation]; found {
				context[operation] = path
			}
		}
	}
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// No part of a request's path appears in an answer or in the log, for any kind
// of event and any decision. The answer equals that to the plain path, byte for
// byte.
func TestPathStaysOut(t *testing.T) {
	for _, s := range shapes {
		for about, d := range map[string]*decider{
			"allowed": {decision: allowed("/v1/{id}")}, "forbidden": {decision: forbidden("X", "/v1/{id}")}, "unknown": {decision: forbidden("X", "")},
		} {
			plain, _, err := call(t, d, load(t, s.name))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range oddPaths {
				answer, log, err := call(t, d, withPath(t, s.name, path))
				if err != nil || answer != plain || strings.Contains(answer+log, "MARK") {
					t.Errorf("%s, %.40q, %s: answered %s, logged %s, %v", s.name, path, about, answer, log, err)
				}
			}
		}
	}
}

// The gateway chooses the route, whatever the path. With the real rules, a good
// key is allowed if it may use the template, and its policy is about that. A
// TOKEN event has no template: there, a path that is not plain is refused, and
// slashes around it are ignored.
func TestPathDoesNotChooseTheRoute(t *testing.T) {
	h := newHouse(t)
	for _, s := range shapes {
		plain, err := h.handler.Invoke(t.Context(), withCredential(t, s.name, "Bearer "+h.admin.Text.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range oddPaths {
			payload := []byte(strings.ReplaceAll(string(withPath(t, s.name, path)), canary, h.admin.Text.Reveal()))
			answer, err := h.handler.Invoke(t.Context(), payload)
			switch {
			case err != nil:
				t.Errorf("%s, %.40q: %v", s.name, path, err)
			case s.name == "rest-token" && !isInSlashes(path) && !strings.Contains(string(answer), `"Effect":"Deny"`),
				(s.name != "rest-token" || isInSlashes(path)) && string(answer) != string(plain):
				t.Errorf("%s, %.40q: %s", s.name, path, answer)
			}
		}
	}
}

// isInSlashes reports whether a path is the samples' with slashes around it.
func isInSlashes(path string) bool { return strings.Trim(path, "/") == "v1/files" }

// If the path seems to change the ARN's stage, method or API, the event is
// invalid, or is about what precedes the path.
func TestPathDoesNotChangeTheARN(t *testing.T) {
	for _, c := range []struct{ shape, member, arn string }{
		{"websocket", "methodArn", "arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/$connect/MARK"},
		{"websocket", "methodArn", "arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/MARK/$connect"},
		{"rest-request", "methodArn", "arn:aws:execute-api:us-east-1:123456789012:keyward/v1//GET/v1/apikeys"},
		{"rest-request", "methodArn", "arn:aws:execute-api:us-east-1:123456789012:keyward/*/GET/v1/apikeys"},
		{"http-simple", "routeArn", "arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/*/api"},
		{"http-policy", "routeArn", "arn:aws:execute-api:us-east-1:123456789012:demo-http/../POST/api"},
		{"http-payload1", "methodArn", "arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/post/api"},
	} {
		if answer, _, err := call(t, &decider{decision: allowed("/v1/{id}")}, edit(t, c.shape, c.arn, c.member)); !errors.Is(err, ErrNoDecision) {
			t.Errorf("%s: answered %s, %v", c.arn, answer, err)
		}
	}
}
