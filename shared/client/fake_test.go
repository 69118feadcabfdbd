package client_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/client"
)

const key = "kw_thekeyofthetests"

// server is a transport that answers in order, the last answer again and again.
type server struct {
	mu       sync.Mutex
	answers  []func(*http.Request) (*http.Response, error)
	requests []*http.Request
	bodies   []string
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	answer := s.answers[min(len(s.requests), len(s.answers))-1]
	s.mu.Unlock()
	return answer(r)
}

// answers returns a server that gives these answers, one after the other.
func answers(all ...func(*http.Request) (*http.Response, error)) *server {
	return &server{answers: all}
}

// says answers with a status and a body, and with headers.
func says(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		if status >= 400 {
			h.Set("Content-Type", "application/problem+json")
		}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// refuses answers with a problem.
func refuses(status int, code string, header ...string) func(*http.Request) (*http.Response, error) {
	return says(status, `{"code": "`+code+`", "title": "T", "detail": "D.", "requestId": "r"}`, header...)
}

// breaks ends the connection instead of an answer.
func breaks(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// newClient returns a client of a server.
func newClient(t testing.TB, s *server, options ...client.Option) *client.Client {
	t.Helper()
	options = append([]client.Option{client.WithHTTPClient(&http.Client{Transport: s})}, options...)
	c, err := client.New("https://keys.example.com/prod", client.NewSecret(key), options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
