package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/permission"
)

func (t *trial) email() string { return t.name + "@example.com" }

func (t *trial) whoami(ctx context.Context) error {
	_, err := t.client.Whoami(ctx)
	return err
}

func (t *trial) readOrganization(ctx context.Context) error {
	settings, err := t.client.Organization.Get(ctx)
	if err == nil {
		t.recoverable = settings.Recoverable
	}
	return err
}

func (t *trial) createUser(ctx context.Context) error {
	user, err := t.client.Users.Create(ctx, client.NewUser{Email: t.email(), Name: t.name, Role: client.RoleMember})
	if err == nil {
		t.user = user.ID
	}
	return err
}

func (t *trial) createPolicy(ctx context.Context) error {
	policy, err := t.client.Policies.Create(ctx, client.NewPolicy{Name: t.name, Permissions: []string{permission.ReadAPIKeysScope}})
	if err == nil {
		t.policy = policy.ID
	}
	return err
}

// register registers a service without an API, so that it guards nothing. Its id is
// the run's name.
func (t *trial) register(ctx context.Context) error {
	_, err := t.client.Services.Put(ctx, t.name, client.ServiceRegistration{Name: t.name}, nil)
	return err
}

func (t *trial) deleteService(ctx context.Context) error {
	_, err := t.client.Services.Delete(ctx, t.name, nil)
	return err
}

// keyCount is how many keys a run creates.
const keyCount = 2

// keyName returns the name of the n-th key.
func (t *trial) keyName(n int) string { return fmt.Sprintf("%s-%d", t.name, n+1) }

// createKey creates a key that may do almost nothing and expires after an hour.
// It is recoverable if the organization allows that.
func (t *trial) createKey(ctx context.Context, policy string) error {
	draft := client.NewKey{Name: t.keyName(len(t.made)), ExpiresOn: time.Now().Add(time.Hour).UTC().Truncate(time.Second), PolicyID: policy}
	if t.recoverable {
		draft.Recoverable = &t.recoverable
	}
	if policy == "" {
		draft.Permissions = []string{}
	}
	key, err := t.client.Keys.Create(ctx, draft, nil)
	if err == nil && (key.ID == "" || key.APIKey.IsZero()) {
		err = errors.New("the answer has no key: is URL the output ApiUrl of the region's stack?")
	}
	if err == nil {
		t.made = append(t.made, key)
	}
	return err
}

// asMade calls whoami with a created key.
func (t *trial) asMade(ctx context.Context, key *client.Key) error {
	own, err := newClient(t.target, key.APIKey.Reveal())
	if err == nil {
		_, err = own.Whoami(ctx)
	}
	return err
}

// use uses each created key.
func (t *trial) use(ctx context.Context) error {
	for _, key := range t.made {
		if err := t.asMade(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) update(ctx context.Context) error {
	_, err := t.client.Keys.Patch(ctx, t.made[0].ID, client.KeyPatch{Description: client.Set("Made by make smoke")}, nil)
	return err
}

// reveal reveals a key, if the organization allows recoverable keys.
func (t *trial) reveal(ctx context.Context) error {
	if !t.recoverable {
		return errNotHere
	}
	shown, err := t.client.Keys.Reveal(ctx, t.made[0].ID)
	if err == nil && shown.APIKey.Reveal() != t.made[0].APIKey.Reveal() {
		err = errors.New("another key was revealed than was made: look at the log of the function keyward-reveal-apikey")
	}
	return err
}

// list looks up each created key by name.
func (t *trial) list(ctx context.Context) error {
	for n, key := range t.made {
		page, err := t.client.Keys.List(ctx, &client.ListKeysParams{Name: t.keyName(n)})
		if err != nil {
			return err
		}
		if len(page.Items) != 1 || page.Items[0].ID != key.ID {
			return errors.New("GET /v1/apikeys does not show a key that was made: look at the index listing of the table keyward")
		}
	}
	return nil
}

func (t *trial) readLog(ctx context.Context) error {
	page, err := t.client.AuditEvents.List(ctx, &client.ListAuditEventsParams{Target: t.made[0].ID})
	if err == nil && len(page.Items) == 0 {
		err = errors.New("the audit log has no record of the key: look at the table keyward-audit")
	}
	return err
}

// deletePolicy deletes a policy with its keys. It repeats the request with the
// confirmation that the first answer asks for.
func (t *trial) deletePolicy(ctx context.Context, id string) error {
	err := t.client.Policies.Delete(ctx, id, nil)
	if refused, ok := errors.AsType[*client.Error](err); ok && refused.InUse != nil {
		err = t.client.Policies.Delete(ctx, id, &client.DeletePolicyParams{Confirm: refused.InUse.Confirm})
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
			err := t.asMade(ctx, key)
			if answered(err, http.StatusUnauthorized) {
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
// fault. That something no longer exists is not a fault. Lists are not trusted to
// filter: whatever does not have the run's name stays.
func (t *trial) removeAll(ctx context.Context) error {
	var first error
	fault := func(operation string, err error) {
		if first == nil && !answered(err, http.StatusNotFound) {
			first = advise(operation, err)
		}
	}
	for n := range keyCount {
		for key, err := range t.client.Keys.All(ctx, &client.ListKeysParams{Name: t.keyName(n)}) {
			if fault("list-apikeys", err); key.Name == t.keyName(n) {
				fault("delete-apikey", t.client.Keys.Delete(ctx, key.ID, nil))
			}
		}
	}
	for policy, err := range t.client.Policies.All(ctx, nil) {
		if fault("list-policies", err); strings.HasPrefix(policy.Name, t.name) {
			fault("delete-policy", t.deletePolicy(ctx, policy.ID))
		}
	}
	for user, err := range t.client.Users.All(ctx, nil) {
		if fault("list-users", err); user.Email == t.email() {
			fault("delete-user", t.client.Users.Delete(ctx, user.ID, nil))
		}
	}
	fault("delete-service", t.deleteService(ctx))
	return first
}
