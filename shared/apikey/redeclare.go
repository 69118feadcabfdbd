package apikey

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A permission that no service declares any more is withdrawn: taken out of all
// that holds it, which a sweep ends once a listing shows that nothing does. Until
// then another declaration of it would revive what was granted before, so it may
// be declared again only where it is certain that nothing holds it.
//
// The listing of keys may miss what changed a moment ago. A grant of a moment
// ago is in it all the same, or is missed by the count: nothing can be granted
// that no service declares, so that whatever holds the permission was there
// before the withdrawal. Therefore it is certain where the listing has as many
// keys as the organization counts, none of them made since, and each, read by
// itself, holds nothing of it. Policies and users are listed as they are.

const (
	// maxRegained is how many keys are looked at to declare a permission again.
	maxKeysToCheck = 1000
	// drift is by how much the clocks of two functions may differ.
	clockSkew = time.Second
	// unlisted is when to ask again after a listing that is behind, and unswept
	// after one that shows that a permission is held: a sweep is every 5 minutes.
	listingDelay  = 2 * time.Second
	sweepInterval = 5 * time.Minute
)

// regain finds out whether permissions that are being withdrawn may be declared
// again: all or none of them.
func (k *Keys) checkRedeclarable(ctx context.Context, org Organization, again Permissions, impact *withdrawalImpact) error {
	if org.KeyCount > maxKeysToCheck {
		return nil
	}
	var keys, policies, users time.Duration
	err := concurrently(
		func() (err error) { keys, err = k.waitForKeys(ctx, org, again); return },
		func() error {
			damaged, err := k.forEachPolicy(ctx, org.ID, func(p Policy) error { policies = max(policies, waitFor(p.Permissions, again)); return nil })
			policies = max(policies, waitForRepair(damaged))
			return err
		},
		func() error {
			damaged, err := k.forEachUser(ctx, org.ID, func(u User) error { users = max(users, waitFor(u.Permissions, again)); return nil })
			users = max(users, waitForRepair(damaged))
			return err
		},
	)
	if impact.retryAfter = max(keys, policies, users); err == nil && impact.retryAfter == 0 {
		impact.redeclarable = again
	}
	return err
}

// waitFor is how long to wait for a sweep to take permissions out of what holds
// these; 0 where it holds none.
func waitFor(held, gone Permissions) time.Duration {
	if held.HasAny(gone...) {
		return sweepInterval
	}
	return 0
}

// waitForRepair is how long to wait where records are damaged, which could hold
// anything.
func waitForRepair(damaged []Damage) time.Duration {
	if len(damaged) > 0 {
		return sweepInterval
	}
	return 0
}

// keysLack returns 0 where it is certain that no key holds any of the
// permissions, and otherwise when to ask again.
func (k *Keys) waitForKeys(ctx context.Context, org Organization, gone Permissions) (wait time.Duration, err error) {
	began := k.now().Add(-clockSkew)
	var refs []Ref
	damaged, err := k.forEachKey(ctx, org.ID, KeyFilter{}, func(key Key) error {
		refs = append(refs, KeyRef(key.ID))
		if !key.CreatedOn.Before(began) {
			wait = listingDelay
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	found, err := k.Store.Read(ctx, refs...)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, finding := range found {
		if key, there := finding.Record.(Key); there && finding.Err == nil {
			count++
			wait = max(wait, waitFor(key.Permissions, gone))
		}
	}
	if count != org.KeyCount {
		wait = max(wait, listingDelay)
	}
	return max(wait, waitForRepair(damaged)), nil
}

// withdrawing is the error of a declaration of permissions that are still being
// withdrawn.
func stillWithdrawing(permissions Permissions, wait time.Duration) *Error {
	return &Error{Kind: Withdrawing, Subject: SubjectPermission, RetryAfter: wait, Detail: fmt.Sprintf(
		"Permissions that were declared before are still being taken away: %s. Try again in %s.", strings.Join(permissions, ", "), wait)}
}
