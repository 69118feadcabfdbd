package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// answerTimeout is above the gateway's own limit of 29 s.
const answerTimeout = 35 * time.Second

// client calls a deployment over HTTP.
type client struct {
	url  string
	http *http.Client
}

// newClient refuses a URL over which a key would travel unencrypted.
func newClient(target string) (*client, error) {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("URL is no address: give the output ApiUrl of the region's stack")
	}
	address, _ := netip.ParseAddr(parsed.Hostname())
	if parsed.Scheme != "https" && (parsed.Scheme != "http" || parsed.Hostname() != "localhost" && !address.IsLoopback()) {
		return nil, errors.New("URL must begin with https://, so that nobody on the way sees the key")
	}
	// Redirects are reported and not followed, so that the key goes nowhere else.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{strings.TrimRight(target, "/"), &http.Client{Timeout: answerTimeout, CheckRedirect: stay}}, nil
}

// request is one request. Path is a template of the operation table; id replaces
// {id}.
type request struct {
	key, method, path, id, query string
	body                         any
}

// answer holds the members of an answer that the steps use.
type answer struct {
	ID          string            `json:"id"`
	Text        string            `json:"apiKey"`
	Recoverable bool              `json:"recoverable"`
	Items       []json.RawMessage `json:"items"`
	Next        string            `json:"nextCursor"`
	Detail      string            `json:"detail"`
	Confirm     string            `json:"confirm"`
	RequestID   string            `json:"requestId"`
	Errors      []struct {
		Detail string `json:"detail"`
	} `json:"errors"`
}

// refused is an answer with an error status.
type refused struct {
	request request
	status  int
	answer  answer
	// ours reports whether the answer is from Keyward or one of its gateway
	// responses.
	ours bool
}

// send makes a request. It returns a *refused for an answer with an error
// status.
func (c *client) send(ctx context.Context, r request) (answer, error) {
	var body []byte
	var got answer
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return got, err
		}
	}
	asked, err := http.NewRequestWithContext(ctx, r.method, c.url+strings.Replace(r.path, "{id}", r.id, 1)+r.query, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	asked.Header.Set("Authorization", "Bearer "+r.key)
	if body != nil {
		asked.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(asked)
	if err != nil {
		return got, fmt.Errorf("no answer: %w: is URL the output ApiUrl of the region's stack?", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 10<<20))
	if err != nil {
		return got, fmt.Errorf("the answer broke off: %w", err)
	}
	understood := len(text) == 0 || json.Unmarshal(text, &got) == nil
	if response.StatusCode/100 != 2 {
		return got, &refused{r, response.StatusCode, got, strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json")}
	}
	if !understood {
		return got, fmt.Errorf("%s %s answered %d with what is no JSON: is URL the output ApiUrl of the region's stack?", r.method, r.path, response.StatusCode)
	}
	return got, nil
}

// Error returns one line that says what was answered and what to look at.
func (r *refused) Error() string {
	said := r.answer.Detail
	for _, fault := range r.answer.Errors {
		said += " " + fault.Detail
	}
	if r.answer.RequestID != "" {
		said += " (request " + r.answer.RequestID + ")"
	}
	line := fmt.Sprintf("%s %s answered %d %s: ", r.request.method, r.request.path, r.status, strings.TrimSpace(said))
	const refusals = `; infra/RUNBOOK.md, "If AWS refuses a role"`
	switch {
	case r.status == http.StatusUnauthorized:
		return line + "give a key of this deployment that is enabled and not expired, such as bootstrap's"
	case r.status == http.StatusServiceUnavailable:
		return line + "look at the log of the function keyward-authorizer, then of " + r.function() + refusals
	case r.status >= 500:
		return line + "look at the log of the function " + r.function() + refusals
	case r.status == http.StatusTooManyRequests:
		return line + "somebody asks too much: wait a minute"
	case !r.ours:
		return line + "this is not Keyward's answer: is URL the output ApiUrl of the region's stack, with the stage at its end?"
	case r.status == http.StatusForbidden:
		return line + "give a key with all of Keyward's permissions and without limits, such as bootstrap's"
	}
	return line + "look at what it says, and at the log of the function " + r.function()
}

// function returns the name of the function that should have answered.
func (r *refused) function() string {
	for _, op := range operations.All() {
		if _, ok := op.Route(r.request.method, r.request.path); ok {
			return "keyward-" + op.Name
		}
	}
	return "of the route"
}
