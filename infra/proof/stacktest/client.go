package stacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/apigw/openapi/openapitest"
)

// Client calls a stack over HTTP with one key. It checks every answer against
// the OpenAPI document, and that a problem's type leads to the page about it.
type Client struct {
	// URL is the stack's. Authorization is the whole header; empty sends none.
	URL, Authorization string
	// Outages treats 503 as an ordinary answer, for tests of outages. Otherwise the
	// client retries when a 503 tells it to, as clients do: on a busy machine, the
	// real binaries can exceed a time limit.
	Outages bool
	base    http.RoundTripper
}

// With returns the client with another key, as a Bearer credential.
func (c Client) With(key string) Client {
	c.Authorization = "Bearer " + key
	return c
}

// Authorized returns the client with another Authorization header.
func (c Client) Authorized(header string) Client {
	c.Authorization = header
	return c
}

// Down returns the client for a test of an outage: see [Client.Outages].
func (c Client) Down() Client {
	c.Outages = true
	return c
}

// Answer is a whole response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request. An empty body sends none; any other is sent as
// application/json unless header says otherwise. header holds pairs of name and
// value; Host sets the host name.
func (c Client) Do(t testing.TB, method, path, body string, header ...string) Answer {
	t.Helper()
	var answer Answer
	await.Until(t, "an answer that is not 503", func() bool {
		answer = c.once(t, method, path, body, header...)
		return c.Outages || answer.Status != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == ""
	})
	return answer
}

func (c Client) once(t testing.TB, method, path, body string, header ...string) Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if c.Authorization != "" {
		request.Header.Set("Authorization", c.Authorization)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	request.Host = request.Header.Get("Host")
	checked := openapitest.Transport{Base: c.base, Fail: func(err error) { t.Error(err) }}
	response, err := (&http.Client{Transport: checked, Timeout: await.Limit}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := Answer{response.StatusCode, response.Header, content}
	if method != http.MethodHead {
		answer.checkType(t, request.URL)
	}
	return answer
}

// Want returns the answer, and fails the test unless it has the status.
func (a Answer) Want(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// JSON decodes the body into a T.
func JSON[T any](t testing.TB, a Answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(a.Body, &value); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return value
}

// Key is an API key in the canonical format.
type Key struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	Description    string    `json:"description"`
	APIKey         string    `json:"apiKey"`
	RedactedAPIKey string    `json:"redactedApiKey"`
	Permissions    []string  `json:"permissions"`
	CreatedBy      ActorJSON `json:"createdBy"`
	LastModifiedBy ActorJSON `json:"lastModifiedBy"`
	CreatedOn      string    `json:"createdOn"`
	LastModifiedOn string    `json:"lastModifiedOn"`
}

// ActorJSON is an actor in the canonical format.
type ActorJSON struct {
	Username string `json:"username"`
	UserID   string `json:"userId"`
}

// Problem is an error in the canonical format (RFC 9457).
type Problem struct {
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Errors []FieldError `json:"errors"`
}

// FieldError is one fault of a [Problem].
type FieldError struct {
	Field string `json:"field"`
	Code  string `json:"code"`
}

// Create creates a key that is deleted after the test.
func (c Client) Create(t testing.TB, name string, permissions ...string) Key {
	t.Helper()
	return c.CreateKey(t, Member{"name": name, "permissions": append([]string{}, permissions...)})
}

// Delete deletes a key. It is no fault if the key is already gone.
func (c Client) Delete(t testing.TB, id string) {
	t.Helper()
	c.Remove(t, "/v1/apikeys/"+id)
}
