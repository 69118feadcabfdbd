package docs

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/static"
)

// ask answers a path as it was sent, behind the stage prod.
func ask(t *testing.T, handler static.Handler, method, path string) events.APIGatewayProxyResponse {
	t.Helper()
	event := events.APIGatewayProxyRequest{HTTPMethod: method, Path: path, Resource: "/v1/docs"}
	if rest, below := strings.CutPrefix(strings.TrimRight(path, "/"), "/v1/docs/"); below {
		if decoded, err := url.PathUnescape(rest); err == nil {
			rest = decoded // as the gateway does
		}
		event.Resource, event.PathParameters = "/v1/docs/{proxy+}", map[string]string{"proxy": rest}
	}
	event.RequestContext.Path = "/prod" + path
	response, err := handler(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func handler(t *testing.T) static.Handler {
	t.Helper()
	handler, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// Each page has one path, at which its relative links are right. The path with a
// slash redirects there. Everything else is a 404.
func TestPaths(t *testing.T) {
	handler := handler(t)
	for path, want := range map[string]string{
		"/v1/docs": "<title>API reference", "/v1/docs/errors": "<title>Error codes", "/v1/docs/errors/QUOTA": "", "/v1/docs/errors/NOT_FOUND": "<title>NOT_FOUND",
		"/v1/docs/catena": "<title>The Catena format", "/v1/docs/supermetrics": "<title>The Supermetrics format", "/v1/docs/style.css": "color-scheme",
		"/v1/docs/index": "", "/v1/docs/index.html": "", "/v1/docs/errors/NOT_FOUND.html": "", "/v1/docs/errors%2FNOT_FOUND": "", "/v1/docs/errors/..": "", "/v1/docs/../docs.go": "",
		"/v1/docs/errors/not_found": "", "/v1/docs//errors": "", "/v1/docs/pages": "", "/v1/docs/errors/%4eOT_FOUND": "",
	} {
		response := ask(t, handler, http.MethodGet, path)
		status := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[want != ""]
		if response.StatusCode != status || !strings.Contains(response.Body, want) || status == http.StatusNotFound && strings.Contains(response.Body, "<html") {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
	for path, location := range map[string]string{"/v1/docs/": "../docs", "/v1/docs/errors/": "../errors", "/v1/docs/errors/NOT_FOUND/": "../NOT_FOUND"} {
		response := ask(t, handler, http.MethodGet, path)
		if response.StatusCode != http.StatusPermanentRedirect || response.Headers["Location"] != location {
			t.Errorf("%s: %d to %q", path, response.StatusCode, response.Headers["Location"])
		}
	}
}

// Only GET and HEAD are answered. A page may load its style sheet and nothing else,
// and has no script.
func TestHeaders(t *testing.T) {
	handler := handler(t)
	for path := range map[string]bool{"/v1/docs": true, "/v1/docs/errors/NOT_FOUND": true, "/v1/docs/nothing": true} {
		response := ask(t, handler, http.MethodGet, path)
		if got := response.Headers["Content-Security-Policy"]; !strings.HasPrefix(got, "default-src 'none'; style-src 'self';") || strings.Contains(got, "unsafe") || strings.Contains(got, "script-src") {
			t.Errorf("%s: %s", path, got)
		}
		if strings.Contains(response.Body, "<script") || strings.Contains(response.Body, "style=") {
			t.Errorf("%s has what its own policy refuses", path)
		}
	}
	if head := ask(t, handler, http.MethodHead, "/v1/docs"); head.StatusCode != http.StatusOK || head.Body != "" {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, len(head.Body))
	}
	if post := ask(t, handler, http.MethodPost, "/v1/docs"); post.StatusCode != http.StatusMethodNotAllowed || post.Headers["Allow"] != "GET, HEAD" {
		t.Errorf("POST: %d %v", post.StatusCode, post.Headers)
	}
}

// The sample event succeeds.
func TestSampleEvent(t *testing.T) {
	text, err := os.ReadFile("../../events/get-docs.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.APIGatewayProxyRequest
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	response, err := handler(t)(t.Context(), event)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%d, %v", response.StatusCode, err)
	}
}
