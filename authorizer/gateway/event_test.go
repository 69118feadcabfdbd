package gateway

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/verify"
)

// An event of an unknown kind, or with contradictory parts, is a failure: it is
// never decided, and never allowed.
func TestUnknownEvents(t *testing.T) {
	payloads := map[string][]byte{
		"nothing": nil, "null": []byte("null"), "text": []byte(`"TOKEN"`), "list": []byte("[]"), "empty": []byte("{}"),
		"truncated": load(t, "rest-request")[:200], "trailing": append(load(t, "rest-request"), "{}"...),
		"AppSync's other kind":    []byte(`{"authorizationToken":"Bearer x","requestContext":{"apiId":"a","accountId":"123456789012","operation":"EVENT_CONNECT"}}`),
		"AppSync, no token":       edit(t, "appsync", nil, "authorizationToken"),
		"AppSync, no API":         edit(t, "appsync", "", "requestContext", "apiId"),
		"AppSync, no account":     edit(t, "appsync", "12", "requestContext", "accountId"),
		"AppSync, wild API":       edit(t, "appsync", "*", "requestContext", "apiId"),
		"AppSync with a type":     edit(t, "appsync", "TOKEN", "type"),
		"AppSync, no query":       edit(t, "appsync", nil, "requestContext", "queryString"),
		"message of a WebSocket":  edit(t, "websocket", "MESSAGE", "requestContext", "eventType"),
		"WebSocket, other route":  edit(t, "websocket", "$default", "requestContext", "routeKey"),
		"WebSocket, other API":    edit(t, "websocket", "demo", "requestContext", "apiId"),
		"WebSocket, other accnt":  edit(t, "websocket", "999999999999", "requestContext", "accountId"),
		"WebSocket with a method": edit(t, "websocket", "GET", "requestContext", "httpMethod"),
		"WebSocket, ARN of GET":   edit(t, "websocket", "arn:aws:execute-api:us-east-1:123456789012:demo-ws/live/GET/a", "methodArn"),
		"WebSocket, no id":        edit(t, "websocket", nil, "requestContext", "connectionId"),
		"another answer wanted":   edit(t, "http-policy", "both", "stageVariables", "keywardAnswer"),
		"HTTP, other ARN":         edit(t, "http-simple", "arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/PUT/api", "routeArn"),
		"1.0, other ARN":          edit(t, "http-payload1", "arn:aws:execute-api:us-east-1:123456789012:demo-http/$default/PUT/api", "methodArn"),
		"1.0 with a routeArn":     edit(t, "http-payload1", "a", "routeArn"),
		"a proxy event":           edit(t, "rest-request", "", "type"),
		"payload 1.1":             edit(t, "rest-request", "1.1", "version"),
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

// No event matches two kinds, with any combination of the members that
// distinguish them.
func TestShapesAreDisjoint(t *testing.T) {
	pick := func(bits *int, values ...string) []byte {
		value := values[*bits%len(values)]
		*bits /= len(values)
		return []byte(value)
	}
	matched := map[string]int{}
	for i := range 3 * 4 * 2 * 2 * 2 * 4 * 2 * 2 * 2 * 2 * 2 {
		bits := i
		e := event{authorizerType: pick(&bits, "", "TOKEN", "REQUEST"), version: pick(&bits, "", "1.0", "2.0", "3.0"),
			methodARN: pick(&bits, "", "m"), routeARN: pick(&bits, "", "r"), token: pick(&bits, "", "t"), wantedAnswer: pick(&bits, "", "policy", "simple", "x")}
		c := &e.context
		c.method, c.connection = pick(&bits, "", "GET"), pick(&bits, "", "c")
		c.eventType, c.routeKey = pick(&bits, "", "CONNECT"), pick(&bits, "$connect", "")
		c.graphQL = len(pick(&bits, "", "q")) > 0
		matching := slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool { return !s.matches(&e) })
		if len(matching) > 1 {
			t.Errorf("%+v is a %s and a %s", e, matching[0].name, matching[1].name)
		}
		for _, s := range matching {
			matched[s.name]++
		}
	}
	if len(matched) != len(shapes) {
		t.Errorf("only %v were met", matched)
	}
}

// The unusual forms that AWS documents: no header at all, resource without
// resourcePath, an invalid address, a default route, a route with ANY method.
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
	if got := ask(load(t, "rest-request--null-headers")); !slices.Equal(got.Authorization, []string{"Bearer " + canary}) {
		t.Errorf("headers only as lists: %q", got.Authorization)
	}
	if got := ask(load(t, "http-simple--default-route")); got.Route != "$default" || got.API.Stage != "$default" {
		t.Errorf("catch-all, ARN without a path: %s at %s", got.Route, got.API.Stage)
	}
	if got := ask(edit(t, "http-payload1", nil, "headers")); len(got.Authorization) != 0 {
		t.Errorf("an identity source that is no header counts: %q", got.Authorization)
	}
	if got := ask(edit(t, "http-simple", map[string]any{"keywardAnswer": "simple"}, "stageVariables")); got.Method != "POST" {
		t.Errorf("a stage that names the default: %+v", got)
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

// Every kind has an event file, and every event file belongs to a kind: its name
// up to "--", followed by what is unusual about it.
func TestEventFiles(t *testing.T) {
	files, err := filepath.Glob("../../events/authorizer-*.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "authorizer-"), ".json")
		want, _, _ := strings.Cut(name, "--")
		got, _, err := new(event).read(load(t, name), true)
		if err != nil || got.name != want {
			t.Errorf("%s: is a %s, %v", name, got.name, err)
		}
		seen[want] = true
		if text := string(load(t, name)); !strings.HasSuffix(name, "--no-credential") && !strings.Contains(text, `"Bearer `+canary+`"`) && !strings.Contains(text, `"Basic `+canary+`"`) {
			t.Errorf("%s has no place for a key", name)
		}
	}
	for _, s := range shapes {
		if !seen[s.name] {
			t.Errorf("%s has no event file", s.name)
		}
	}
}
