package apikey

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A permission that no service declares any more is withdrawn: it is revoked from
// everything that holds it. A sweep ends the withdrawal once a listing shows no
// holder. Declaring the permission again before that would revive old grants, so
// it is allowed only if it is certain that nothing holds the permission.
//
// The listing of keys may miss recent changes. No recent change can grant a
// withdrawn permission, because no service declares it. So every holder existed
// before the withdrawal, and nothing holds the permission if three things are
// true: the listing has as many keys as the organization counts, none of them was
// created since, and none of them holds it when read by its id. Listings of
// policies and users are always current.

const (
	// maxKeysToCheck limits how many keys are read to declare a permission
	// again.
	maxKeysToCheck = 1000
	// clockSkew is how far the clocks of two functions may differ.
	clockSkew = time.Second
	// listingDelay is when to ask again after a listing that is behind.
	// sweepInterval is when to ask again after one that shows a holder: a sweep
	// runs every 5 minutes.
	listingDelay  = 2 * time.Second
	sweepInterval = 5 * time.Minute
)

// checkRedeclarable determines whether withdrawn permissions may be declared
// again: all of them or none.
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

// waitFor returns how long to wait for a sweep to revoke gone from a holder of
// held; 0 if held has none of them.
func waitFor(held, gone Permissions) time.Duration {
	if held.HasAny(gone...) {
		return sweepInterval
	}
	return 0
}

// waitForRepair returns how long to wait because damaged records could hold
// anything.
func waitForRepair(damaged []Damage) time.Duration {
	if len(damaged) > 0 {
		return sweepInterval
	}
	return 0
}

// waitForKeys returns 0 if it is certain that no key holds any of the
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

// stillWithdrawing returns the error for declaring permissions that are still
// being withdrawn.
func stillWithdrawing(permissions Permissions, wait time.Duration) *Error {
	return &Error{Kind: Withdrawing, Subject: SubjectPermission, RetryAfter: wait, Detail: fmt.Sprintf(
		"Permissions that were declared before are still being taken away: %s. Try again in %s.", strings.Join(permissions, ", "), wait)}
}
