package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

func (t *trial) readOrganization(ctx context.Context) error {
	settings, err := t.ask(ctx, http.MethodGet, organization, "", "", nil)
	t.recoverable = settings.Recoverable
	return err
}

func (t *trial) createUser(ctx context.Context) error {
	user, err := t.ask(ctx, http.MethodPost, users, "", "", map[string]any{"email": t.email(), "name": t.name, "role": "MEMBER"})
	t.user = user.ID
	return err
}

func (t *trial) createPolicy(ctx context.Context) error {
	policy, err := t.ask(ctx, http.MethodPost, policies, "", "", map[string]any{"name": t.name, "permissions": []string{operations.ReadAPIKeysScope}})
	t.policy = policy.ID
	return err
}

// register registers a service without an API, so that nothing is guarded by it.
func (t *trial) register(ctx context.Context) error {
	_, err := t.ask(ctx, http.MethodPut, oneService, t.service(), "", map[string]any{
		"name": t.name, "permissions": []any{}, "apis": []any{}, "routes": []any{},
	})
	return err
}

// keyCount is how many keys a run makes.
const keyCount = 2

// keyName is a key's name, and named what asks for it in a list.
func (t *trial) keyName(n int) string { return fmt.Sprintf("%s-%d", t.name, n+1) }
func (t *trial) named(n int) string   { return "?name=" + url.QueryEscape(t.keyName(n)) }

// createKey makes a key that may do next to nothing, and nothing after an hour; with
// a copy, where the organization keeps copies.
func (t *trial) createKey(ctx context.Context, policy string) error {
	draft := map[string]any{
		"name": t.keyName(len(t.made)), "expiresOn": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}
	if t.recoverable {
		draft["recoverable"] = true
	}
	if policy != "" {
		draft["policyId"] = policy
	} else {
		draft["permissions"] = []string{}
	}
	key, err := t.ask(ctx, http.MethodPost, keys, "", "", draft)
	if err == nil && (key.ID == "" || key.Text == "") {
		err = errors.New("POST " + keys + " answered without a key: is URL the output ApiUrl of the region's stack?")
	}
	if err == nil {
		t.made = append(t.made, key)
	}
	return err
}

// use asks with each key that was made who it is.
func (t *trial) use(ctx context.Context) error {
	for _, key := range t.made {
		if _, err := t.client.send(ctx, request{key: key.Text, method: http.MethodGet, path: whoami}); err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) update(ctx context.Context) error {
	_, err := t.ask(ctx, http.MethodPatch, oneKey, t.made[0].ID, "", map[string]any{"description": "Made by make smoke"})
	return err
}

// reveal has a copy of a key opened, where the organization keeps copies.
func (t *trial) reveal(ctx context.Context) error {
	if !t.recoverable {
		return errNotHere
	}
	shown, err := t.ask(ctx, http.MethodPost, oneKey+"/reveal", t.made[0].ID, "", nil)
	if err == nil && shown.Text != t.made[0].Text {
		err = errors.New("another key was revealed than was made: look at the log of the function keyward-reveal-apikey")
	}
	return err
}

func (t *trial) readLog(ctx context.Context) error {
	events, err := t.ask(ctx, http.MethodGet, "/v1/audit-events", "", "?target="+url.QueryEscape(t.made[0].ID), nil)
	if err == nil && len(events.Items) == 0 {
		err = errors.New("the audit log has no record of the key: look at the table keyward-audit")
	}
	return err
}

// deletePolicy deletes a policy with its keys, as the answer to the first attempt
// says how.
func (t *trial) deletePolicy(ctx context.Context, id string) error {
	_, err := t.ask(ctx, http.MethodDelete, onePolicy, id, "", nil)
	var asks *refused
	if errors.As(err, &asks) && asks.answer.Confirm != "" {
		_, err = t.ask(ctx, http.MethodDelete, onePolicy, id, "?confirm="+url.QueryEscape(asks.answer.Confirm), nil)
	}
	return err
}

// Deleted keys are refused within the authorizer's cacheTtlSeconds, 300 at most.
const (
	refusedWithin = 310 * time.Second
	askAgain      = time.Second
)

// refusedNow waits until the keys that were made and deleted are refused.
func (t *trial) refusedNow(ctx context.Context) error {
	deadline := time.Now().Add(refusedWithin)
	for _, key := range t.made {
		for {
			_, err := t.client.send(ctx, request{key: key.Text, method: http.MethodGet, path: whoami})
			var answer *refused
			if errors.As(err, &answer) && answer.status == http.StatusUnauthorized {
				break
			}
			if err != nil {
				return err
			}
			if time.Now().After(deadline) {
				return errors.New("a deleted key still works: look at the settings cacheTtlSeconds, and at the cache of the API's authorizer")
			}
			time.Sleep(askAgain)
		}
	}
	return nil
}

// How often what is left is looked for, where something does not answer.
const (
	cleanUps     = 5
	cleanUpAgain = 2 * time.Second
)

// cleanUp removes all that has the run's name, whether its making was answered or
// not; again after a while where something could not be removed.
func (t *trial) cleanUp(ctx context.Context) (err error) {
	for n := range cleanUps {
		if n > 0 {
			time.Sleep(cleanUpAgain)
		}
		if err = t.removeAll(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

// removeAll goes on where one thing cannot be removed, and returns the first fault.
func (t *trial) removeAll(ctx context.Context) error {
	var first error
	fault := func(err error) {
		if first == nil && !gone(err) {
			first = err
		}
	}
	remove := func(list, query string, one func(id string) error) {
		found, err := t.find(ctx, list, query)
		fault(err)
		for _, left := range found {
			fault(one(left.ID))
		}
	}
	for n := range keyCount {
		remove(keys, t.named(n), func(id string) error { return t.only(ctx, http.MethodDelete, oneKey, id) })
	}
	remove(policies, "", func(id string) error { return t.deletePolicy(ctx, id) })
	remove(users, "", func(id string) error { return t.only(ctx, http.MethodDelete, oneUser, id) })
	fault(t.only(ctx, http.MethodDelete, oneService, t.service()))
	return first
}

// gone reports whether what was to be removed is no more.
func gone(err error) bool {
	var answer *refused
	return err == nil || errors.As(err, &answer) && answer.status == http.StatusNotFound
}
