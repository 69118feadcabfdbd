package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// client speaks to a stack with its admin key.
type client struct{ url, key string }

// created is something new: a key has a text.
type created struct {
	ID   string `json:"id"`
	Text string `json:"apiKey"`
}

// clientOf is the client of the stack that an env file tells of; without a url,
// where it tells of none.
func clientOf(variables map[string]string) client {
	return client{variables[envURL], variables[envKey]}
}

// answerTimeout is how long a stack may take for an answer.
const answerTimeout = time.Minute

// answers is nil where a stack takes the key, and otherwise says why it does not.
func (c client) answers(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/v1/whoami", nil, nil)
}

// create makes something at a path, under a name that nothing else has.
func (c client) create(ctx context.Context, path, name string, draft map[string]any) (made created, err error) {
	draft["name"] = name + " " + rand.Text()[:8]
	return made, c.do(ctx, http.MethodPost, path, draft, &made)
}

// delete removes what is at a path; what is gone already is an error that says
// so.
func (c client) delete(ctx context.Context, path string) error {
	return c.do(ctx, http.MethodDelete, path, nil, nil)
}

// do makes a request and reads a successful answer into result, if given.
func (c client) do(ctx context.Context, method, path string, body, result any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
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

// refused is an answer that is an error.
type refused struct {
	asked, status, detail string
	code                  int
}

// Error is what was asked, and what a problem says of it.
func (r *refused) Error() string {
	if r.detail == "" {
		return fmt.Sprintf("%s answered %s", r.asked, r.status)
	}
	return fmt.Sprintf("%s answered %s: %s", r.asked, r.status, r.detail)
}

func refusalOf(asked string, response *http.Response) error {
	r := &refused{asked: asked, status: response.Status, code: response.StatusCode}
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
