package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/client"
)

// A URL that would send the key in the clear, or is none, is refused in one line;
// nothing is sent.
func TestURL(t *testing.T) {
	for url, want := range map[string]string{
		"https://keys.example.com": "", "https://keys.example.com/prod/": "", "https://[2001:db8::1]:8443": "", "http://localhost:3000": "",
		"http://127.0.0.1:3000": "", "http://[::1]:3000": "", "http://127.9.9.9": "",
		"http://keys.example.com":           "https",
		"http://localhost.example.com":      "https",
		"http://10.0.0.1":                   "https",
		"https://u:p@keys.example.com":      "user",
		"https://keys.example.com?a=b":      "query",
		"https://keys.example.com?":         "query",
		"https://keys.example.com#f":        "fragment",
		"https://keys.example.com#":         "fragment",
		"keys.example.com":                  "URL",
		"":                                  "URL",
		"https://":                          "URL",
		"https:keys.example.com":            "URL",
		"ftp://keys.example.com":            "https://",
		"https://keys.example.com:x":        "URL",
		"https://keys.example.com/\x00prod": "URL",
	} {
		_, err := client.New(url, client.NewSecret(key))
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
}

// A key with whitespace, or with anything else that no header can carry, is one
// clear error, which does not show the key; nothing is sent.
func TestKeyText(t *testing.T) {
	for _, text := range []string{"", " " + key, key + "\n", "kw_the key", "kw_\tkey", "kw_\u00a0key", "kw_\x7fkey", "kw_ké", "kw_\r\nX-Evil: 1"} {
		_, err := client.New("https://keys.example.com", client.NewSecret(text))
		if err == nil || text != "" && strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A request carries the key, the stage's path and the user agent; access tokens
// replace the key, anew for each attempt, and a bad one is not sent.
func TestAuthorization(t *testing.T) {
	s := answers(says(200, `{}`))
	if _, err := newClient(t, s, client.WithUserAgent("me/1")).Whoami(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.requests[0]
	if r.URL.String() != "https://keys.example.com/prod/v1/whoami" || r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("User-Agent") != "me/1" {
		t.Errorf("%v %v", r.URL, r.Header)
	}
	s = answers(refuses(503, "UNAVAILABLE"), says(200, `{}`))
	tokens := 0
	c, err := client.New("https://keys.example.com", client.Secret{}, client.WithHTTPClient(&http.Client{Transport: s}), client.WithAuthorization(func(context.Context) (string, error) {
		tokens++
		return fmt.Sprintf("token%d", tokens), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Whoami(t.Context()); err != nil || s.requests[1].Header.Get("Authorization") != "Bearer token2" {
		t.Errorf("%v, %d requests", err, len(s.requests))
	}
	for _, f := range []func(context.Context) (string, error){
		func(context.Context) (string, error) { return "", nil },
		func(context.Context) (string, error) { return "a b", nil },
		func(context.Context) (string, error) { return "", errors.New("signed out") },
	} {
		s := answers(says(200, `{}`))
		if _, err := newClient(t, s, client.WithAuthorization(f)).Whoami(t.Context()); err == nil || len(s.requests) != 0 {
			t.Errorf("%v, %d requests", err, len(s.requests))
		}
	}
}

// A client of nil options is the default one.
func TestNilOptions(t *testing.T) {
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	c, err := client.New(server.URL, client.NewSecret(key), client.WithHTTPClient(nil), client.WithAuthorization(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Whoami(t.Context()); err != nil || got != "Bearer "+key {
		t.Errorf("%v, with %q", err, got)
	}
	if _, err := client.New(server.URL, client.Secret{}, client.WithAuthorization(nil)); err == nil {
		t.Error("a client without a key")
	}
}

// A redirect is not followed, because it would take the key along.
func TestRedirect(t *testing.T) {
	s := answers(says(307, "", "Location", "https://evil.example.com/"))
	_, err := newClient(t, s).Whoami(t.Context())
	e, ok := errors.AsType[*client.Error](err)
	if !ok || e.Status != 307 || !strings.Contains(e.Detail, "Redirect") || len(s.requests) != 1 {
		t.Errorf("%v after %d requests", err, len(s.requests))
	}
}

// A client that is printed shows no key.
func TestPrintedClient(t *testing.T) {
	c := newClient(t, answers(says(200, `{}`)))
	if s := fmt.Sprintf("%v %+v %#v %s", c, *c, *c, c); strings.Contains(s, key) {
		t.Error(s)
	}
}
