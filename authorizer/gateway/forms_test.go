package gateway

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/verify"
)

// A missing credential is a 401 without a read, in whatever form it is missing,
// and for any identity sources of the API.
func TestMissingCredential(t *testing.T) {
	h := newHouse(t)
	type object = map[string]any
	for _, s := range shapes {
		changes := map[string]object{
			"no headers":         {"headers": nil, "multiValueHeaders": nil},
			"empty headers":      {"headers": object{}, "multiValueHeaders": object{}},
			"null value":         {"headers": object{"Authorization": nil}, "multiValueHeaders": nil},
			"empty list":         {"headers": nil, "multiValueHeaders": object{"Authorization": []string{}}},
			"empty value":        {"headers": object{"Authorization": ""}, "multiValueHeaders": object{"Authorization": []string{""}}},
			"no identity source": {"headers": nil, "multiValueHeaders": nil, "identitySource": nil},
			"an empty one":       {"headers": nil, "multiValueHeaders": nil, "identitySource": []string{}},
			"one without value":  {"headers": nil, "multiValueHeaders": nil, "identitySource": []string{""}},
			"another's":          {"headers": nil, "multiValueHeaders": nil, "identitySource": []string{"198.51.100.7", "POST /api"}},
		}
		switch s.name {
		case "rest-token":
			changes = map[string]object{"no token": {"authorizationToken": nil}, "empty token": {"authorizationToken": ""}}
		case "appsync":
			changes = nil // AppSync never sends an event without a token
		}
		for about, change := range changes {
			reads := h.store.Reads()
			answer, err := h.handler.Invoke(t.Context(), changed(t, s.name, change))
			if !errors.Is(err, ErrUnauthorized) || answer != nil || h.store.Reads() != reads {
				t.Errorf("%s, %s: %s, %v, %d reads", s.name, about, answer, err, h.store.Reads()-reads)
			}
		}
	}
}

// asks returns what an event asks, from a handler that allows everything.
func asks(t *testing.T, payload []byte) verify.Request {
	t.Helper()
	d := &decider{decision: allowed("/v1/files")}
	if _, _, err := call(t, d, payload); err != nil || len(d.asked) != 1 {
		t.Fatalf("%v, asked %d", err, len(d.asked))
	}
	return d.asked[0]
}

// An event with only one of the two formats of headers asks the same as one with
// both, on every kind that has lists.
func TestHeadersInOneForm(t *testing.T) {
	value := []string{"Bearer " + canary}
	for _, name := range []string{"rest-request", "http-payload1", "websocket"} {
		for _, form := range []string{"headers", "multiValueHeaders"} {
			for about, payload := range map[string][]byte{
				"null":    changed(t, name, map[string]any{"headers": nil, "multiValueHeaders": nil, form: headersOf(form)}),
				"missing": without(t, name, form),
			} {
				if got := asks(t, payload); !slices.Equal(got.Authorization, value) {
					t.Errorf("%s with %s, the other %s: %q", name, form, about, got.Authorization)
				}
			}
		}
	}
}

func headersOf(form string) any {
	if form == "headers" {
		return map[string]string{"Accept": "a", "Authorization": "Bearer " + canary}
	}
	return map[string][]string{"Accept": {"a"}, "Authorization": {"Bearer " + canary}}
}

// without returns an event with only the other format of headers.
func without(t *testing.T, name, form string) []byte {
	t.Helper()
	members := map[string]any{form: headersOf(form)}
	other := map[string]string{"headers": "multiValueHeaders", "multiValueHeaders": "headers"}[form]
	members[other] = nil
	return []byte(strings.Replace(string(changed(t, name, members)), `"`+other+`":null,`, "", 1))
}

// Stage variables only affect which answer payload 2.0 gets. There, an unknown
// value of the one that counts is a failure.
func TestStageVariables(t *testing.T) {
	for _, s := range shapes {
		if s.name == "rest-token" || s.name == "appsync" {
			continue // has none
		}
		payload2 := s.name == "http-simple" || s.name == "http-policy"
		plain, _, err := call(t, &decider{decision: allowed("/v1/files")}, load(t, s.name))
		if err != nil {
			t.Fatal(err)
		}
		for about, variables := range map[string]any{
			"none": nil, "empty": map[string]string{}, "another": map[string]string{"keywardanswer": "x", "Authorization": "Bearer x", "a": "b"},
			"unknown": map[string]string{"keywardAnswer": "x"}, "policy": map[string]string{"keywardAnswer": "policy"},
		} {
			answer, _, err := call(t, &decider{decision: allowed("/v1/files")}, changed(t, s.name, map[string]any{"stageVariables": variables}))
			wantFailure := payload2 && about == "unknown"
			if wantFailure != errors.Is(err, ErrNoDecision) || !payload2 && answer != plain {
				t.Errorf("%s, %s: answered %s, %v", s.name, about, answer, err)
			}
			if policy := strings.Contains(answer, "policyDocument"); payload2 && !wantFailure && policy != (about == "policy") {
				t.Errorf("%s, %s: answered %s", s.name, about, answer)
			}
		}
	}
}

// A request to an HTTP API's default route uses that route's name and the
// request's method, in every payload format and on every stage.
func TestCatchAllRoute(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:demo-http/"
	for _, stage := range []string{"$default", "live"} {
		for _, c := range []struct{ name, arn, route, resource string }{
			{"http-simple", "routeArn", "routeKey", ""},
			{"http-policy", "routeArn", "routeKey", "POST/*"},
			{"http-payload1", "methodArn", "resource", "POST/*"},
		} {
			members := map[string]any{c.arn: arn + stage + "/POST/my/path", c.route: "$default"}
			payload := changed(t, c.name, members)
			if c.name == "http-payload1" {
				payload = []byte(strings.Replace(string(payload), `"resourcePath":"/api"`, `"resourcePath":"$default"`, 1))
			}
			d := &decider{decision: allowed("$default")}
			answer, _, err := call(t, d, payload)
			if err != nil || len(d.asked) != 1 || d.asked[0].Route != "$default" || d.asked[0].Method != "POST" || d.asked[0].API.Stage != stage {
				t.Errorf("%s at %s: %v, asked %+v", c.name, stage, err, d.asked)
			}
			if want := `"Resource":"` + arn + stage + "/" + c.resource + `"`; c.resource != "" && !strings.Contains(answer, want) {
				t.Errorf("%s at %s: %s", c.name, stage, answer)
			}
		}
	}
}

// An HTTP API's event says whether its route takes every method, because a
// cached allowance must be correct for all of them.
func TestRoutesOfAllMethods(t *testing.T) {
	for _, name := range []string{"http-simple", "http-policy"} {
		for key, want := range map[string]bool{"POST /api": false, "ANY /api": true, "ANY /{proxy+}": true, "$default": true} {
			if got := asks(t, changed(t, name, map[string]any{"routeKey": key})); got.AnyMethod != want || got.YesOrNo != (name == "http-simple") {
				t.Errorf("%s, %s: %+v", name, key, got)
			}
		}
	}
}
