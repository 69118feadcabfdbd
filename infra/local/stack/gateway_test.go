package stack

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Only a browser that asks for / is sent to the console. What a program asks for goes
// to the gateway.
func TestHomeRedirect(t *testing.T) {
	home := homeRedirect(http.NotFoundHandler())
	for name, c := range map[string]struct {
		method, path, accept, location string
	}{
		"a browser":      {http.MethodGet, "/", "text/html,*/*;q=0.8", "/console"},
		"a program":      {http.MethodGet, "/", "*/*", ""},
		"another path":   {http.MethodGet, "/v1", "text/html", ""},
		"another method": {http.MethodPost, "/", "text/html", ""},
	} {
		request := httptest.NewRequest(c.method, c.path, nil)
		request.Header.Set("Accept", c.accept)
		answer := httptest.NewRecorder()
		home.ServeHTTP(answer, request)
		if got := answer.Header().Get("Location"); got != c.location || (answer.Code == http.StatusFound) != (c.location != "") {
			t.Errorf("%s: %d, %q", name, answer.Code, got)
		}
	}
}
