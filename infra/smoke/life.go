package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/keyward/keyward/shared/permission"
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
	policy, err := t.ask(ctx, http.MethodPost, policies, "", "", map[string]any{"name": t.name, "permissions": []string{permission.ReadAPIKeysScope}})
	t.policy = policy.ID
	return err
}

// register registers a service without an API, so that it guards nothing.
func (t *trial) register(ctx context.Context) error {
	_, err := t.ask(ctx, http.MethodPut, oneService, t.service(), "", map[string]any{
		"name": t.name, "permissions": []any{}, "apis": []any{}, "routes": []any{},
	})
	return err
}

// keyCount is how many keys a run creates.
const keyCount = 2

// keyName returns the name of the n-th key; named returns the query for it.
func (t *trial) keyName(n int) string { return fmt.Sprintf("%s-%d", t.name, n+1) }
func (t *trial) named(n int) string   { return "?name=" + url.QueryEscape(t.keyName(n)) }

// createKey creates a key that may do almost nothing and expires after an hour.
// It is recoverable if the organization allows that.
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

// use calls whoami with each created key.
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

// reveal reveals a key, if the organization allows recoverable keys.
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

// deletePolicy deletes a policy with its keys. It repeats the request with the
// confirmation that the first answer asks for.
func (t *trial) deletePolicy(ctx context.Context, id string) error {
	_, err := t.ask(ctx, http.MethodDelete, onePolicy, id, "", nil)
	var asks *refused
	if errors.As(err, &asks) && asks.answer.Confirm != "" {
		_, err = t.ask(ctx, http.MethodDelete, onePolicy, id, "?confirm="+url.QueryEscape(asks.answer.Confirm), nil)
	}
	return err
}

// Deleted keys are refused within the authorizer's cacheTtlSeconds, at most 300.
const (
	refusedWithin = 310 * time.Second
	askAgain      = time.Second
)

// refusedNow waits until the deleted keys are refused.
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

// How often to retry the cleanup if something does not answer.
const (
	cleanUps     = 5
	cleanUpAgain = 2 * time.Second
)

// cleanUp removes everything that has the run's name, whether or not its
// creation was answered. It tries again after a while if something could not be
// removed.
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

// removeAll removes what it can, even after a failure, and returns the first
// fault.
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

// gone reports whether an error means that something does not exist any more.
func gone(err error) bool {
	var answer *refused
	return err == nil || errors.As(err, &answer) && answer.status == http.StatusNotFound
}
