package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	api "github.com/keyward/keyward/infra/local/client"
)

// guarded is a path of a demo API that is behind the authorizer.
const guarded = "/demo/rest-request/proof"

// client calls the stack: the API as the administrator, and the guarded path with
// any key.
type client struct {
	url   string
	admin api.Client
	http  *http.Client
}

func newClient(url, admin string) client {
	h := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}}
	c := client{url, api.New(url, admin), h}
	c.admin.Transport = h.Transport
	return c
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
// unless it is nil. It retries while the stack is overloaded. The change may commit at
// any time before answered.
func (c client) manage(ctx context.Context, method, path string, body, result any) (answered time.Time, err error) {
	for attempt := 1; ; attempt++ {
		err := c.admin.Do(ctx, method, path, body, result)
		answered := time.Now()
		refused, ok := errors.AsType[*api.Refused](err)
		if !ok || refused.Code != http.StatusServiceUnavailable || attempt == 20 {
			return answered, err
		}
		select {
		case <-ctx.Done():
			return answered, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
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
