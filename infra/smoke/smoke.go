package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client"
)

// trial is one run. Everything that it creates has its name.
type trial struct {
	client *client.Client
	target string
	name   string
	out    io.Writer
	// recoverable is whether the organization allows recoverable keys.
	recoverable bool
	// made are the created keys, which must be invalid in the end. policy and user
	// are the ids of the other resources.
	made         []*client.Key
	policy, user string
	// begun is whether anything may have been created.
	begun bool
}

// step is one line of progress.
type step struct {
	what string
	// operation is what the step calls. Its errors name that operation's function.
	operation string
	do        func(*trial, context.Context) error
	// makes is whether the step creates something to remove afterwards.
	makes bool
}

// steps run one after the other. The first failure ends the run.
var steps = []step{
	{"ask who the key is", "whoami", (*trial).whoami, false},
	{"read the organization", "get-organization", (*trial).readOrganization, false},
	{"create a user", "create-user", (*trial).createUser, true},
	{"create a policy", "create-policy", (*trial).createPolicy, true},
	{"register a service", "put-service", (*trial).register, true},
	{"create a key", "create-apikey", func(t *trial, ctx context.Context) error { return t.createKey(ctx, "") }, true},
	{"create a key with the policy", "create-apikey", func(t *trial, ctx context.Context) error { return t.createKey(ctx, t.policy) }, true},
	{"use both keys", "whoami", (*trial).use, false},
	{"update a key", "patch-apikey", (*trial).update, false},
	{"reveal a key", "reveal-apikey", (*trial).reveal, false},
	{"list keys", "list-apikeys", (*trial).list, false},
	{"read the audit log", "list-audit-events", (*trial).readLog, false},
	{"delete a key", "delete-apikey", func(t *trial, ctx context.Context) error { return t.client.Keys.Delete(ctx, t.made[0].ID, nil) }, false},
	{"delete the policy with its key", "delete-policy", func(t *trial, ctx context.Context) error { return t.deletePolicy(ctx, t.policy) }, false},
	{"delete the service", "delete-service", (*trial).deleteService, false},
	{"delete the user", "delete-user", func(t *trial, ctx context.Context) error { return t.client.Users.Delete(ctx, t.user, nil) }, false},
	{"see both keys refused", "whoami", (*trial).refusedNow, false},
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
	c, err := newClient(target, key)
	if err != nil {
		return err
	}
	t := &trial{client: c, target: target, name: "smoke-" + strings.ToLower(rand.Text()[:10]), out: out}
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
		if err := t.timed(s.what, func() error { return advise(s.operation, s.do(t, context.WithoutCancel(ctx))) }); err != nil {
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
