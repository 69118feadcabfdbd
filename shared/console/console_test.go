package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/static"
)

const entryText = `<html><base href="./"><script src="./assets/a-1.js"></script></html>`

func handlerOf(t *testing.T, signIn SignIn) static.Handler {
	t.Helper()
	handler, err := New(fstest.MapFS{
		"index.html": {Data: []byte(entryText)}, "icon.svg": {Data: []byte("<svg/>")}, "assets/a-1.js": {Data: []byte("run()")},
	}, signIn)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// request returns the event of a path as it was sent, behind the stage prod.
func request(method, path string) events.APIGatewayProxyRequest {
	event := events.APIGatewayProxyRequest{HTTPMethod: method, Path: path, Resource: "/console"}
	if rest, below := strings.CutPrefix(strings.TrimRight(path, "/"), "/console/"); below {
		if decoded, err := url.PathUnescape(rest); err == nil {
			rest = decoded // as the gateway does
		}
		event.Resource, event.PathParameters = "/console/{proxy+}", map[string]string{"proxy": rest}
	}
	event.RequestContext.Path = "/prod" + path
	return event
}

func ask(t *testing.T, handler static.Handler, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	t.Helper()
	response, err := handler(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// Pages get the entry, whose base leads to the console's folder from wherever the
// page is. Files are served by their names alone. All else is a 404.
func TestPaths(t *testing.T) {
	handler := handlerOf(t, SignIn{})
	for path, base := range map[string]string{
		"/console": "console/", "/console/": "./", "/console/keys": "./", "/console/keys/": "../",
		"/console/keys/4f0c": "../", "/console/services/a.b-c_d": "../", "/console/audit": "./", "/console/signed-in": "./",
	} {
		response := ask(t, handler, request("GET", path))
		if want := strings.Replace(entryText, `href="./"`, `href="`+base+`"`, 1); response.StatusCode != http.StatusOK || response.Body != want {
			t.Errorf("%s: %d %s", path, response.StatusCode, response.Body)
		}
		if cache := response.Headers["Cache-Control"]; cache != "no-cache" {
			t.Errorf("%s: caching %q", path, cache)
		}
	}
	for path, cache := range map[string]string{
		"/console/assets/a-1.js": "public, max-age=31536000, immutable", "/console/icon.svg": "no-cache", "/console/config.json": "no-cache",
	} {
		response := ask(t, handler, request("GET", path))
		if response.StatusCode != http.StatusOK || response.Headers["Cache-Control"] != cache || response.Headers["Content-Type"] == "" {
			t.Errorf("%s: %d %v", path, response.StatusCode, response.Headers)
		}
	}
	for _, path := range []string{
		"/console/index.html", "/console/assets/", "/console/assets/a-2.js", "/console/nothing", "/console/keys/a/b", "/console/keys//", "/console//keys",
		"/console/../web.go", "/console/keys/..", "/console/keys/%2e%2e", "/console/assets/../index.html", "/console/assets/%2e%2e/index.html", "/console/..%2f..%2fetc%2fpasswd",
		"/console/keys%2Fabc", "/console/keys/%61", "/console/keys/a%00", "/console/keys/" + strings.Repeat("a", 65), "/console/keys/\"><script>", "/console/KEYS", "/console/keys/.",
	} {
		response := ask(t, handler, request("GET", path))
		if response.StatusCode != http.StatusNotFound || strings.Contains(response.Body, "html") || response.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%s: %d %s", path, response.StatusCode, response.Body)
		}
	}
}

// Only GET and HEAD are answered, HEAD without a body.
func TestMethods(t *testing.T) {
	handler := handlerOf(t, SignIn{})
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""} {
		response := ask(t, handler, request(method, "/console/keys"))
		if response.StatusCode != http.StatusMethodNotAllowed || response.Headers["Allow"] != "GET, HEAD" {
			t.Errorf("%q: %d %v", method, response.StatusCode, response.Headers)
		}
	}
	got, head := ask(t, handler, request("GET", "/console")), ask(t, handler, request("HEAD", "/console"))
	if head.Body != "" || head.StatusCode != got.StatusCode || head.Headers["Content-Type"] != got.Headers["Content-Type"] {
		t.Errorf("HEAD: %+v", head)
	}
}

// Every answer has the headers that keep the page to itself. It may connect to
// its own API, and to the issuer where there is one.
func TestHeaders(t *testing.T) {
	with := SignIn{Issuer: "https://login.example.com/realms/a", ClientID: "console", Audience: "keyward", TokenEndpoint: "https://token.example.net/oauth2/token"}
	for _, c := range []struct {
		signIn  SignIn
		connect string
	}{
		{SignIn{}, "connect-src 'self';"},
		{with, "connect-src 'self' https://login.example.com https://token.example.net;"},
		{SignIn{Issuer: "https://a.example.com", TokenEndpoint: "https://a.example.com/token"}, "connect-src 'self' https://a.example.com;"},
	} {
		handler := handlerOf(t, c.signIn)
		for _, event := range []events.APIGatewayProxyRequest{request("GET", "/console"), request("GET", "/console/assets/a-1.js"), request("GET", "/console/x/y"), request("POST", "/console")} {
			headers := ask(t, handler, event).Headers
			policy := headers["Content-Security-Policy"]
			for _, want := range []string{"default-src 'none';", "frame-ancestors 'none';", "script-src 'self';", "style-src 'self';", c.connect} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s lacks %s", policy, want)
				}
			}
			if strings.Contains(policy, "unsafe") || headers["X-Content-Type-Options"] != "nosniff" || headers["Referrer-Policy"] != "no-referrer" || headers["Strict-Transport-Security"] == "" {
				t.Errorf("%v", headers)
			}
		}
		var said SignIn
		if err := json.Unmarshal([]byte(ask(t, handler, request("GET", "/console/config.json")).Body), &said); err != nil || said != c.signIn {
			t.Errorf("%v, %+v", err, said)
		}
	}
}

// Files without their entry, or of a kind whose media type is unknown, are a fault
// at the start.
func TestFaultyFiles(t *testing.T) {
	whole := &fstest.MapFile{Data: []byte(entryText)}
	for name, files := range map[string]fstest.MapFS{
		"no entry": {"a.js": {}}, "no base": {"index.html": {Data: []byte("<html>")}}, "unknown kind": {"index.html": whole, "a.exe": {}},
	} {
		if _, err := New(files, SignIn{}); err == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

// The sample event succeeds.
func TestSampleEvent(t *testing.T) {
	text, err := os.ReadFile("../../events/get-console.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.APIGatewayProxyRequest
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	if response := ask(t, handlerOf(t, SignIn{}), event); response.StatusCode != http.StatusOK || response.Headers["Content-Type"] != "application/json" {
		t.Errorf("%+v", response)
	}
}
