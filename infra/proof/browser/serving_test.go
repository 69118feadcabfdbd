package browser

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// ask sends a request with the path as it is written, which a client would
// otherwise clean, and takes the answer as it comes, compressed or not.
func ask(t *testing.T, method, path, accepted string) (*http.Response, string) {
	t.Helper()
	at, err := url.Parse(running.URL)
	if err != nil {
		t.Fatal(err)
	}
	request := &http.Request{Method: method, URL: &url.URL{Scheme: at.Scheme, Host: at.Host, Opaque: path}, Host: at.Host, Header: http.Header{}}
	if accepted != "" {
		request.Header.Set("Accept-Encoding", accepted)
	}
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DialContext: (&net.Dialer{}).DialContext}}
	response, err := client.Do(request.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// The gateway and the function together serve the console's files and nothing
// else, with the headers that keep the page to itself, compressed for whoever
// takes gzip.
func TestServing(t *testing.T) {
	entry, page := ask(t, "GET", "/console", "")
	_, rest, _ := strings.Cut(page, `src="./`)
	script, _, _ := strings.Cut(rest, `"`)
	for _, c := range []struct {
		method, path, accepted string
		status                 int
		header                 string // "Name: value" to find
	}{
		{"GET", "/console", "", 200, "Cache-Control: no-cache"},
		{"GET", "/console/", "", 200, "Content-Type: text/html; charset=utf-8"},
		{"HEAD", "/console/keys", "", 200, "Cache-Control: no-cache"},
		{"GET", "/console/" + script, "gzip", 200, "Content-Encoding: gzip"},
		{"GET", "/console/" + script, "gzip", 200, "Cache-Control: public, max-age=31536000, immutable"},
		{"GET", "/console/" + script, "nonsense;q=x, \x21", 200, "Content-Type: text/javascript; charset=utf-8"},
		{"GET", "/console/keys?show=expiring", "", 200, ""},
		{"GET", "/console/nothing", "", 404, "Content-Type: text/plain; charset=utf-8"},
		{"GET", "/console/assets/nothing.js", "", 404, "Cache-Control: no-store"},
		{"GET", "/console/index.html", "", 404, ""},
		{"GET", "/console/keys/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "", 404, ""},
		{"GET", "/console/assets/..%2findex.html", "", 404, ""},
		{"GET", "/console/../web.go", "", 404, ""},
		{"GET", "/console/%2e%2e/web.go", "", 404, ""},
		{"GET", "/console/keys%00", "", 404, ""},
		{"GET", "/console/keys%2Fabc", "", 404, ""},
		{"POST", "/console", "", 405, "Allow: GET, HEAD"},
		{"DELETE", "/console/keys", "", 405, "Allow: GET, HEAD"},
	} {
		response, body := ask(t, c.method, c.path, c.accepted)
		name, value, _ := strings.Cut(c.header, ": ")
		if response.StatusCode != c.status || c.header != "" && response.Header.Get(name) != value {
			t.Errorf("%s %s with %q: %d %v", c.method, c.path, c.accepted, response.StatusCode, response.Header)
		}
		if c.status == 404 && strings.Contains(body, "<html") || c.method == "HEAD" && body != "" {
			t.Errorf("%s %s answers %s", c.method, c.path, body)
		}
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Strict-Transport-Security": "max-age=",
	} {
		if got := entry.Header.Get(name); !strings.Contains(got, want) || strings.Contains(got, "unsafe") {
			t.Errorf("%s is %q", name, got)
		}
	}
	if policy := entry.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' "+issuer.URL()+";") {
		t.Errorf("the page may not ask the issuer: %s", policy)
	}
}
