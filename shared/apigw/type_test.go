package apigw_test

import (
	"strings"
	"testing"
)

// A problem's type leads to the page about its code, from whatever URL the caller
// used: behind a stage, a domain's base path, or neither. What the caller writes, a
// Host header or more slashes, does not lead it elsewhere.
func TestTypeLeadsToThePage(t *testing.T) {
	s := newStage(t)
	for public, base := range map[string]string{
		"/prod/v1/apikeys/": "/prod", "/v1/apikeys/": "", "/keys/v1/apikeys/": "/keys", "/a/b/v1/apikeys/": "/a/b",
		"/v1/v1/apikeys/": "/v1", "/v1/keys/v1/apikeys/": "/v1/keys",
		"//example.com/v1/apikeys/": "/example.com", "//v1/apikeys/": "", "/prod//v1/apikeys/": "/prod", "/x/../v1/apikeys/": "", "/elsewhere/": "",
	} {
		event := s.event("get-apikey", unknownID, "")
		event.RequestContext.Path = public + unknownID
		if public[0] == '/' && base != "/prod" { // a base path is in both
			event.Path = public + unknownID
		}
		event.Headers["Host"], event.Headers["X-Forwarded-Host"] = "attacker.example.net", "attacker.example.net"
		response, err := s.handler("get-apikey")(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		problem := decode[problem](t, response.Body)
		if want := base + "/v1/docs/errors/API_KEY_NOT_FOUND"; problem.Type != want {
			t.Errorf("%s: the type is %q, want %q", public, problem.Type, want)
		}
	}
}

// The same holds for a path that no route has, whatever it contains.
func TestTypeOfAnUnknownRoute(t *testing.T) {
	s := newStage(t)
	for _, rest := range []string{"nothing", "v1/nothing", "v1/v1/"} {
		event := s.event("unknown-route", "", "")
		event.Path, event.PathParameters = "/v1/"+rest, map[string]string{"proxy": strings.TrimSuffix(rest, "/")}
		event.RequestContext.Path = "/v1/v1/" + rest
		response, err := s.handler("unknown-route")(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if problem := decode[problem](t, response.Body); problem.Type != "/v1/v1/docs/errors/NOT_FOUND" {
			t.Errorf("%s: the type is %q", rest, problem.Type)
		}
	}
}
