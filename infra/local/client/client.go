// Package client calls a running Keyward over HTTP, as an owner's scripts do.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client calls the Keyward at a URL with an Authorization header.
type Client struct {
	URL, Authorization string
	// Transport sends the requests; nil means [http.DefaultTransport].
	Transport http.RoundTripper
}

// New returns a client with a key.
func New(url, key string) Client { return Client{URL: url, Authorization: "Bearer " + key} }

// answerTimeout is how long Keyward may take to answer.
const answerTimeout = time.Minute

// Answers returns nil if Keyward accepts the key, otherwise why not.
func (c Client) Answers(ctx context.Context) error {
	return c.Do(ctx, http.MethodGet, "/v1/whoami", nil, nil)
}

// Do makes a request with a body in JSON, unless that is nil. It decodes the
// answer into result, unless that is nil. An answer with an error status is a
// [*Refused].
func (c Client) Do(ctx context.Context, method, path string, body, result any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", c.Authorization)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: c.Transport}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusBadRequest {
		return refusalOf(method+" "+path, response)
	}
	if result == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(result)
}

// Refused is an answer with an error status.
type Refused struct {
	// Status is the status line, such as "404 Not Found", and Code its number.
	Status string
	Code   int

	asked, detail string
}

// Error returns the request and what the problem says about it.
func (r *Refused) Error() string {
	if r.detail == "" {
		return fmt.Sprintf("%s answered %s", r.asked, r.Status)
	}
	return fmt.Sprintf("%s answered %s: %s", r.asked, r.Status, r.detail)
}

func refusalOf(asked string, response *http.Response) error {
	r := &Refused{asked: asked, Status: response.Status, Code: response.StatusCode}
	var problem struct {
		Detail string
		Errors []struct{ Detail string }
	}
	if json.NewDecoder(io.LimitReader(response.Body, 64<<10)).Decode(&problem) == nil {
		r.detail = problem.Detail
		for _, fault := range problem.Errors {
			r.detail += " " + fault.Detail
		}
	}
	return r
}
