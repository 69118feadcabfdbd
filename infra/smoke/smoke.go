package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The paths of the operation table that the steps use.
const (
	whoami       = "/v1/whoami"
	organization = "/v1/organization"
	keys         = "/v1/apikeys"
	oneKey       = "/v1/apikeys/{id}"
	policies     = "/v1/policies"
	onePolicy    = "/v1/policies/{id}"
	users        = "/v1/users"
	oneUser      = "/v1/users/{id}"
	oneService   = "/v1/services/{id}"
)

// trial is one run. Everything that it creates has its name.
type trial struct {
	client *client
	key    string
	name   string
	out    io.Writer
	// recoverable is whether the organization allows recoverable keys.
	recoverable bool
	// made are the created keys, which must be invalid in the end. policy and user
	// are the ids of the other resources.
	made         []answer
	policy, user string
	// begun is whether anything may have been created.
	begun bool
}

// step is one line of progress.
type step struct {
	what string
	do   func(*trial, context.Context) error
	// makes is whether the step creates something to remove afterwards.
	makes bool
}

// steps run one after the other. The first failure ends the run.
var steps = []step{
	{"ask who the key is", func(t *trial, ctx context.Context) error { return t.only(ctx, http.MethodGet, whoami, "") }, false},
	{"read the organization", (*trial).readOrganization, false},
	{"create a user", (*trial).createUser, true},
	{"create a policy", (*trial).createPolicy, true},
	{"register a service", (*trial).register, true},
	{"create a key", func(t *trial, ctx context.Context) error { return t.createKey(ctx, "") }, true},
	{"create a key with the policy", func(t *trial, ctx context.Context) error { return t.createKey(ctx, t.policy) }, true},
	{"use both keys", (*trial).use, false},
	{"update a key", (*trial).update, false},
	{"reveal a key", (*trial).reveal, false},
	{"list keys", (*trial).list, false},
	{"read the audit log", (*trial).readLog, false},
	{"delete a key", func(t *trial, ctx context.Context) error { return t.only(ctx, http.MethodDelete, oneKey, t.made[0].ID) }, false},
	{"delete the policy with its key", func(t *trial, ctx context.Context) error { return t.deletePolicy(ctx, t.policy) }, false},
	{"delete the service", func(t *trial, ctx context.Context) error {
		return t.only(ctx, http.MethodDelete, oneService, t.service())
	}, false},
	{"delete the user", func(t *trial, ctx context.Context) error { return t.only(ctx, http.MethodDelete, oneUser, t.user) }, false},
	{"see both keys refused", (*trial).refusedNow, false},
}

// cleanUpTimeout is the maximum duration of the cleanup after a failure or an
// interruption.
const cleanUpTimeout = 2 * time.Minute

// try runs the steps against a deployment, with a key that holds all of
// Keyward's permissions, and then removes what is left. If ctx is done, it stops
// after the current step. The error is one line and says what to look at.
func try(ctx context.Context, target, key string, out io.Writer) error {
	if key = strings.TrimSpace(key); target == "" || key == "" {
		return errors.New("set KEY and URL in the environment: read -rs KEY; export KEY; URL=https://... make smoke")
	}
	c, err := newClient(target)
	if err != nil {
		return err
	}
	t := &trial{client: c, key: key, name: "smoke-" + strings.ToLower(rand.Text()[:10]), out: out}
	err = t.run(ctx)
	if t.begun {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
		defer cancel()
		if left := t.timed("leave nothing behind", func() error { return t.cleanUp(ctx) }); left != nil {
			return errors.Join(err, fmt.Errorf("%w; remove what is named %s by hand, the keys expire within the hour", left, t.name))
		}
	}
	if err == nil {
		_, _ = fmt.Fprintln(out, "keyward: all of it works")
	}
	return err
}

func (t *trial) run(ctx context.Context) error {
	for _, s := range steps {
		if ctx.Err() != nil {
			return errors.New("interrupted before: " + s.what)
		}
		t.begun = t.begun || s.makes
		// Finish a request that is under way: what it creates could not be removed
		// before it exists.
		if err := t.timed(s.what, func() error { return s.do(t, context.WithoutCancel(ctx)) }); err != nil {
			return err
		}
	}
	return nil
}

// errNotHere means that a step does not apply to this organization.
var errNotHere = errors.New("not in this organization")

// timed runs a step, and prints its result and duration.
func (t *trial) timed(what string, do func() error) error {
	start := time.Now()
	_, _ = fmt.Fprintf(t.out, "keyward: %s ... ", what)
	err := do()
	switch {
	case errors.Is(err, errNotHere):
		_, _ = fmt.Fprintln(t.out, err)
		return nil
	case err != nil:
		_, _ = fmt.Fprintln(t.out, "failed")
		return fmt.Errorf("%s: %w", what, err)
	}
	_, _ = fmt.Fprintf(t.out, "%.1f s\n", time.Since(start).Seconds())
	return nil
}

// ask makes a request with the given key.
func (t *trial) ask(ctx context.Context, method, path, id, query string, body any) (answer, error) {
	return t.client.send(ctx, request{t.key, method, path, id, query, body})
}

// only makes a request and ignores the answer's body.
func (t *trial) only(ctx context.Context, method, path, id string) error {
	_, err := t.ask(ctx, method, path, id, "", nil)
	return err
}

func (t *trial) service() string { return t.name }
func (t *trial) email() string   { return t.name + "@example.com" }

// item holds what identifies an item of a list.
type item struct{ ID, Name, Email string }

// list looks up each created key by name.
func (t *trial) list(ctx context.Context) error {
	for n, key := range t.made {
		found, err := t.find(ctx, keys, t.named(n))
		if err != nil {
			return err
		}
		if len(found) != 1 || found[0].ID != key.ID {
			return errors.New("GET " + keys + " does not show a key that was made: look at the index listing of the table keyward")
		}
	}
	return nil
}

// find returns the items of a whole list that have the run's name or address.
func (t *trial) find(ctx context.Context, path, query string) (found []item, err error) {
	for cursor := ""; ; {
		asked := query
		if cursor != "" {
			asked = map[bool]string{true: "?", false: query + "&"}[query == ""] + "cursor=" + url.QueryEscape(cursor)
		}
		page, err := t.ask(ctx, http.MethodGet, path, "", asked, nil)
		if err != nil {
			return nil, err
		}
		for _, text := range page.Items {
			var listed item
			if err := json.Unmarshal(text, &listed); err != nil {
				return nil, err
			}
			if strings.HasPrefix(listed.Name, t.name) || listed.Email == t.email() {
				found = append(found, listed)
			}
		}
		if cursor = page.Next; cursor == "" {
			return found, nil
		}
	}
}
