package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// client speaks to a stack with its admin key.
type client struct{ url, key string }

// createdKey is a new key, with its text.
type createdKey struct {
	ID   string `json:"id"`
	Text string `json:"apiKey"`
}

// answers reports whether a stack takes the key.
func (c client) answers(ctx context.Context) bool {
	return c.do(ctx, http.MethodGet, "/v1/whoami", nil, nil) == nil
}

// create makes a key that holds every permission of the organization.
func (c client) create(ctx context.Context, name string) (key createdKey, err error) {
	var all canonical.PermissionList
	if err := c.do(ctx, http.MethodGet, "/v1/permissions", nil, &all); err != nil {
		return key, err
	}
	draft := map[string]any{"name": name + " " + rand.Text()[:8], "permissions": []string{}}
	for _, p := range all.Items {
		draft["permissions"] = append(draft["permissions"].([]string), p.Name)
	}
	return key, c.do(ctx, http.MethodPost, "/v1/apikeys", draft, &key)
}

// delete removes a key; one that is gone already is an error that says so.
func (c client) delete(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/apikeys/"+id, nil, nil)
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
