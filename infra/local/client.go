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

// client calls a stack with its admin key.
type client struct{ url, key string }

// created is a new resource; a key has a text.
type created struct {
	ID   string `json:"id"`
	Text string `json:"apiKey"`
}

// clientOf returns the client of the stack that an env file describes. Its url
// is empty if the file describes none.
func clientOf(variables map[string]string) client {
	return client{variables[envURL], variables[envKey]}
}

// answerTimeout is how long a stack may take to answer.
const answerTimeout = time.Minute

// answers returns nil if the stack accepts the key, otherwise why not.
func (c client) answers(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/v1/whoami", nil, nil)
}

// create creates a resource at a path, under a unique name.
func (c client) create(ctx context.Context, path, name string, draft map[string]any) (made created, err error) {
	draft["name"] = name + " " + rand.Text()[:8]
	return made, c.do(ctx, http.MethodPost, path, draft, &made)
}

// delete deletes the resource at a path. If it is already gone, the error says
// so.
func (c client) delete(ctx context.Context, path string) error {
	return c.do(ctx, http.MethodDelete, path, nil, nil)
}

// do makes a request and decodes a successful answer into result, unless that is
// nil.
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

// refused is an error answer.
type refused struct {
	asked, status, detail string
	code                  int
}

// Error returns the request and what the problem says about it.
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
