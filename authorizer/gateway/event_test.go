package gateway

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/verify"
)

// An event that is of no known kind, or whose parts do not fit together, is a
// failure: it is never decided, and never an allowance.
func TestUnknownEvents(t *testing.T) {
	payloads := map[string][]byte{
		"nothing": nil, "null": []byte("null"), "text": []byte(`"TOKEN"`), "list": []byte("[]"), "empty": []byte("{}"),
		"truncated": load(t, "rest-request")[:200], "trailing": append(load(t, "rest-request"), "{}"...),
		"AppSync":                 []byte(`{"authorizationToken":"Bearer x","requestContext":{"apiId":"a","accountId":"123456789012","operationName":"q"}}`),
		"a proxy event":           edit(t, "rest-request", "", "type"),
		"payload 1.0":             edit(t, "rest-request", "1.0", "version"),
		"payload 3.0":             edit(t, "http-simple", "3.0", "version"),
		"2.0 with a methodArn":    edit(t, "http-simple", nil, "routeArn"),
		"WebSocket":               edit(t, "rest-request", nil, "requestContext", "httpMethod"),
		"other type":              edit(t, "rest-token", "JWT", "type"),
		"type in lower case":      edit(t, "rest-token", "token", "type"),
		"headers of a wrong type": edit(t, "rest-request", "Authorization: Bearer x", "headers"),
		"no ARN":                  edit(t, "rest-token", nil, "methodArn"),
		"other account":           edit(t, "rest-request", "999999999999", "requestContext", "accountId"),
		"other API":               edit(t, "rest-request", "demo", "requestContext", "apiId"),
		"other method":            edit(t, "rest-request", "POST", "requestContext", "httpMethod"),
		"HTTP, other account":     edit(t, "http-simple", "999999999999", "requestContext", "accountId"),
		"HTTP, other API":         edit(t, "http-simple", "demo", "requestContext", "apiId"),
		"HTTP, other method":      edit(t, "http-simple", "PUT", "requestContext", "http", "method"),
		"HTTP, no method":         edit(t, "http-simple", "", "requestContext", "http", "method"),
		"HTTP, no route":          edit(t, "http-simple", "", "routeKey"),
		"HTTP, method alone":      edit(t, "http-simple", "POST ", "routeKey"),
	}
	for name, payload := range payloads {
		d := &decider{decision: allowed("/v1/files")}
		got, log, err := call(t, d, payload)
		if !errors.Is(err, ErrNoDecision) || got != "" || len(d.asked) != 0 {
			t.Errorf("%s: answered %q, %v, asked %d", name, got, err, len(d.asked))
		}
		if strings.Count(log, "\n") != 1 {
			t.Errorf("%s: logged %s", name, log)
		}
	}
}

// No event is of two kinds.
func TestShapesAreDisjoint(t *testing.T) {
	for _, kind := range []string{"", "TOKEN", "REQUEST"} {
		for _, version := range []string{"", "1.0", "2.0"} {
			for _, arns := range [][2]string{{"", ""}, {"m", ""}, {"", "r"}, {"m", "r"}} {
				for _, method := range []string{"", "GET"} {
					e := event{Type: kind, Version: version, MethodARN: arns[0], RouteARN: arns[1]}
					e.RequestContext.HTTPMethod = method
					matching := slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool { return !s.matches(&e) })
					if len(matching) > 1 {
						t.Errorf("%+v is a %s and a %s", e, matching[0].name, matching[1].name)
					}
				}
			}
		}
	}
}

// The odd forms that AWS documents: no header at all, resource without
// resourcePath, an address that is none, a catch-all route, a route of ANY
// method.
func TestOddForms(t *testing.T) {
	ask := func(payload []byte) verify.Request {
		t.Helper()
		d := &decider{decision: allowed("/v1/files")}
		if _, _, err := call(t, d, payload); err != nil || len(d.asked) != 1 {
			t.Fatalf("%v, asked %d", err, len(d.asked))
		}
		return d.asked[0]
	}
	if got := ask(edit(t, "rest-token", nil, "authorizationToken")); got.Authorization != nil {
		t.Errorf("TOKEN without a token: %q", got.Authorization)
	}
	if got := ask(edit(t, "rest-request", nil, "requestContext", "resourcePath")); got.Route != "/v1/apikeys" {
		t.Errorf("without resourcePath: route %q", got.Route)
	}
	if got := ask(edit(t, "rest-request", "test-invoke-source-ip", "requestContext", "identity", "sourceIp")); got.Source.IsValid() {
		t.Errorf("no address: %s", got.Source)
	}
	if got := ask(edit(t, "http-simple", "::ffff:192.0.2.1", "requestContext", "http", "sourceIp")); got.Source.String() != "192.0.2.1" {
		t.Errorf("mapped address: %s", got.Source)
	}
	if got := ask(edit(t, "http-simple", "$default", "routeKey")); got.Route != "$default" || got.Method != "POST" {
		t.Errorf("catch-all: %s %s", got.Method, got.Route)
	}
	if got := ask(edit(t, "http-simple", "ANY /{proxy+}", "routeKey")); got.Route != "/{proxy+}" || got.Method != "POST" {
		t.Errorf("ANY: %s %s", got.Method, got.Route)
	}
	if got := ask(edit(t, "rest-request", "192.0.2.9", "headers", "X-Forwarded-For")); got.Source.String() != "198.51.100.7" {
		t.Errorf("a header chose the address: %s", got.Source)
	}
}

// Every kind has an event file, and every event file is of a kind: its name.
func TestEventFiles(t *testing.T) {
	files, err := filepath.Glob("../../events/authorizer-*.json")
	if err != nil || len(files) != len(shapes) {
		t.Errorf("%d event files for %d kinds, %v", len(files), len(shapes), err)
	}
	for _, s := range shapes {
		got, _, err := read(load(t, s.name), true)
		if err != nil || got.name != s.name {
			t.Errorf("%s: is a %s, %v", s.name, got.name, err)
		}
		text, err := os.ReadFile("../../events/authorizer-" + s.name + ".json")
		if err != nil || !strings.Contains(string(text), "Bearer KEYWARD_API_KEY") {
			t.Errorf("%s has no place for a key: %v", s.name, err)
		}
	}
}
