package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/docs"
	"github.com/keyward/keyward/shared/static"
)

// reference is what serves the page that a problem's type leads to.
var reference = sync.OnceValues(docs.New)

// checkType checks that the type of a problem leads, from the URL of the request,
// to the page about its code. Problems of a demo service have no page, and the type
// about:blank.
func (a Answer) checkType(t testing.TB, from *url.URL) {
	t.Helper()
	var problem struct{ Type, Code string }
	if a.Header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(a.Body, &problem) != nil {
		return
	}
	own := strings.HasPrefix(from.Path, "/v1/") && !strings.HasPrefix(from.Path, "/v1/files")
	if problem.Type == "about:blank" && !own {
		return
	}
	led, err := from.Parse(problem.Type)
	if err != nil || led.Host != from.Host {
		t.Errorf("%s: the type %q leads elsewhere (%v)", from, problem.Type, err)
		return
	}
	if page := pageAt(t, led.Path); page.StatusCode != http.StatusOK || !strings.Contains(page.Body, "<h1><code>"+problem.Code+"</code></h1>") {
		t.Errorf("%s: the type %q of %s leads to no page about it: %d", from, problem.Type, problem.Code, page.StatusCode)
	}
}

func pageAt(t testing.TB, path string) events.APIGatewayProxyResponse {
	t.Helper()
	var serve static.Handler
	serve, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	event := events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: path, PathParameters: map[string]string{"proxy": strings.TrimPrefix(path, "/v1/docs/")}}
	page, err := serve(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
