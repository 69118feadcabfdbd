package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
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

// answers reports whether a stack takes the key.
func (c client) answers(ctx context.Context) bool {
	return c.do(ctx, http.MethodGet, "/v1/whoami", nil, nil) == nil
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
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
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
		return fmt.Errorf("%s %s answered %s", method, path, response.Status)
	}
	if result == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(result)
}
