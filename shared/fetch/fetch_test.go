package fetch_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/fetch"
)

// published answers requests by path, and counts them.
type published struct{ requests int }

func (p *published) RoundTrip(request *http.Request) (*http.Response, error) {
	p.requests++
	status, text := http.StatusOK, "{}"
	switch request.URL.Path {
	case "/longest":
		text = strings.Repeat(" ", fetch.MaxDocument)
	case "/longer":
		text = strings.Repeat(" ", fetch.MaxDocument+1)
	case "/missing":
		status = http.StatusNotFound
	case "/moved":
		status = http.StatusFound
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"/elsewhere"}}, Body: io.NopCloser(strings.NewReader(text)), Request: request}, nil
}

// A document is read whole and up to its limit, by one request. A redirect,
// another status and a longer document are errors.
func TestDocument(t *testing.T) {
	for path, length := range map[string]int{"/": 2, "/longest": fetch.MaxDocument, "/longer": -1, "/missing": -1, "/moved": -1} {
		p := &published{}
		text, err := fetch.Document(t.Context(), &http.Client{Transport: p}, "https://example.com"+path)
		if ok := length >= 0; ok != (err == nil) || ok && len(text) != length || p.requests != 1 {
			t.Errorf("%s: %d bytes, %v, %d requests", path, len(text), err, p.requests)
		}
	}
	if _, err := fetch.Document(t.Context(), &http.Client{}, "https://example.com/%"); err == nil {
		t.Error("a URL that cannot be parsed was fetched")
	}
}
