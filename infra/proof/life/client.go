package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// guarded is a path of a demo API that is behind the authorizer.
const guarded = "/demo/rest-request/proof"

// client calls the stack.
type client struct {
	url, admin string
	http       *http.Client
}

func newClient(url, admin string) client {
	return client{url, admin, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}}}
}

func (c client) close() { c.http.CloseIdleConnections() }

// key is a key as its creation or rotation shows it.
type key struct {
	ID      string `json:"id"`
	Text    string `json:"apiKey"`
	Secrets []struct {
		EndsOn string `json:"endsOn"`
	} `json:"secrets"`
}

// manage makes a change as the administrator, and decodes the answer into result
// unless it is nil. It tries again while a part of the stack is too busy. answered
// is when it was answered; until then, it may not have been committed.
func (c client) manage(ctx context.Context, method, path string, body, result any) (answered time.Time, err error) {
	for attempt := 1; ; attempt++ {
		status, text, answered, err := c.once(ctx, method, path, body)
		switch {
		case err != nil:
			return answered, err
		case status < http.StatusMultipleChoices && result == nil:
			return answered, nil
		case status < http.StatusMultipleChoices:
			return answered, json.Unmarshal(text, result)
		case status != http.StatusServiceUnavailable || attempt == 20:
			return answered, fmt.Errorf("%s %s: %d %s", method, path, status, text)
		}
		select {
		case <-ctx.Done():
			return answered, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c client) once(ctx context.Context, method, path string, body any) (status int, text []byte, answered time.Time, err error) {
	content := []byte{}
	if body != nil {
		if content, err = json.Marshal(body); err != nil {
			return 0, nil, time.Time{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(content))
	if err != nil {
		return 0, nil, time.Time{}, err
	}
	request.Header.Set("Authorization", "Bearer "+c.admin)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, time.Time{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err = io.ReadAll(response.Body)
	return response.StatusCode, text, time.Now(), err
}

// admit makes room for so many more keys.
func (c client) admit(ctx context.Context, keys int) error {
	_, err := c.manage(ctx, http.MethodPatch, "/v1/organization", map[string]any{"maxKeys": keys + 100, "retentionSeconds": 0}, nil)
	return err
}

// create creates a key that opens the guarded path.
func (c client) create(ctx context.Context, name string) (made key, err error) {
	_, err = c.manage(ctx, http.MethodPost, "/v1/apikeys", map[string]any{"name": name, "permissions": []string{"AccessQueries"}}, &made)
	return made, err
}

// try is a request to the guarded path with a key.
type try struct {
	sent, answered time.Time
	// status is 0 if there was no answer.
	status int
}

func (t try) allowed() bool { return t.status == http.StatusOK }

func (t try) refused() bool {
	return t.status == http.StatusUnauthorized || t.status == http.StatusForbidden
}

// try uses a key.
func (c client) try(ctx context.Context, text string) try {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+guarded, nil)
	if err != nil {
		return try{}
	}
	request.Header.Set("Authorization", "Bearer "+text)
	t := try{sent: time.Now()}
	response, err := c.http.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		t.status = response.StatusCode
	}
	if err != nil {
		t.status = 0
	}
	t.answered = time.Now()
	return t
}
