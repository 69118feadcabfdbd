package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// sweeper is the actor of changes that a sweep makes on its own.
var sweeper = Actor{Username: "sweep"}

// forEachHolder calls the functions for every key, policy and user that holds
// any of the permissions directly. It returns the damaged records, which may
// hold them too. The listing of keys may miss changes of the last second.
func (k *Keys) forEachHolder(ctx context.Context, org OrgID, permissions Permissions, onKey func(Key) error, onPolicy func(Policy) error, onUser func(User) error) (damaged []Damage, err error) {
	keys, err := k.forEachKey(ctx, org, KeyFilter{}, func(key Key) error { return ifHeld(key.Permissions, permissions, key, onKey) })
	if err != nil {
		return keys, err
	}
	policies, err := k.forEachPolicy(ctx, org, func(p Policy) error { return ifHeld(p.Permissions, permissions, p, onPolicy) })
	if err != nil {
		return keys, err
	}
	users, err := k.forEachUser(ctx, org, func(u User) error { return ifHeld(u.Permissions, permissions, u, onUser) })
	return slices.Concat(keys, policies, users), err
}

func ifHeld[T any](held, permissions Permissions, thing T, do func(T) error) error {
	if !held.HasAny(permissions...) {
		return nil
	}
	return do(thing)
}

// countHolders counts what holds any of the permissions. Damaged records grant
// nothing and do not count.
func (k *Keys) countHolders(ctx context.Context, org OrgID, permissions Permissions) (Use, error) {
	var use Use
	holds := func(held Permissions) bool { return held.HasAny(permissions...) }
	err := concurrently(func() error {
		_, err := k.forEachKey(ctx, org, KeyFilter{}, func(key Key) error {
			if holds(key.Permissions) {
				use.Keys++
				if len(use.Examples) < MaxPage {
					use.Examples = append(use.Examples, key)
				}
			}
			return nil
		})
		return err
	}, func() error {
		_, err := k.forEachPolicy(ctx, org, func(policy Policy) error {
			if holds(policy.Permissions) {
				use.Policies++
			}
			return nil
		})
		return err
	}, func() error {
		_, err := k.forEachUser(ctx, org, func(user User) error {
			if holds(user.Permissions) {
				use.Users++
			}
			return nil
		})
		return err
	})
	return use, err
}

// answerReserve is how long before its deadline a request stops revoking
// permissions, to count what is left and to answer.
const answerReserve = 3 * time.Second

// revocation is how far a revocation of permissions has come.
type revocation struct {
	// found counts the records that held any of them, left those that may still
	// hold them.
	found, left int
	// failed is why some are left; nil if none are.
	failed error
}

func (w *revocation) count(failed error) error {
	if w.found++; failed != nil {
		w.left, w.failed = w.left+1, failed
	}
	return nil
}

// revokePermissionsInTime revokes permissions before the request's deadline,
// and returns how many records may still hold them. The next sweep does the
// rest.
func (k *Keys) revokePermissionsInTime(ctx context.Context, who principal, gone Permissions) (left int) {
	if len(gone) == 0 {
		return 0
	}
	inTime := ctx
	if end, ends := ctx.Deadline(); ends {
		var cancel context.CancelFunc
		inTime, cancel = context.WithDeadline(ctx, end.Add(-answerReserve))
		defer cancel()
	}
	w, err := k.revokePermissions(inTime, who, gone)
	if err == nil {
		return w.left
	}
	use, _ := k.countHolders(ctx, who.Org, gone) // includes those that were not listed in time
	return max(w.left, use.Keys+use.Policies+use.Users, 1)
}

// revokePermissions revokes permissions from every key, policy and user. It
// continues if a record cannot be changed. An error means that not all records
// could be listed.
func (k *Keys) revokePermissions(ctx context.Context, who principal, gone Permissions) (w revocation, err error) {
	damaged, err := k.forEachHolder(ctx, who.Org, gone, func(listed Key) error {
		return w.count(k.revokeFromKey(ctx, who, listed.ID, gone))
	}, func(before Policy) error {
		after := before
		after.Permissions = before.Permissions.Without(gone)
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		return w.count(k.commitAction(ctx, who, ActionUpdatePolicy, after.ID.String(), before.auditFields(), after.auditFields(), ReplacePolicy{Before: before, After: after}))
	}, func(before User) error {
		after := before
		after.Permissions = before.Permissions.Without(gone)
		return w.count(k.changeUser(ctx, who, before, after))
	})
	w.left, w.failed = w.left+len(damaged), unavailableIfDamaged(damaged, w.failed)
	return w, err
}

func (k *Keys) revokeFromKey(ctx context.Context, who principal, id keytext.ID, gone Permissions) error {
	return retryStale(ctx, func() error {
		// A permission that has been declared again since may be granted again.
		who.view = k.view(who.Org)
		if err := who.view.read(ctx, KeyRef(id), OrganizationRef(who.Org)); err != nil {
			return err
		}
		org, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		gone := gone.And(org.Withdrawn)
		before, err := who.view.Key(ctx, id)
		if err != nil && KindOf(err) == NotFound || err == nil && !before.Permissions.HasAny(gone...) {
			return nil
		}
		if err != nil {
			return err
		}
		after := before
		after.Permissions = before.Permissions.Without(gone)
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		return k.commitAction(ctx, who, ActionUpdateKey, after.ID.String(), before.auditFields(), after.auditFields(), ReplaceKey{before, after})
	})
}

// finishWithdrawal ends a withdrawal once nothing holds the permissions. Only a
// sweep calls it: by then, everything that was granted before is listed.
func (k *Keys) finishWithdrawal(ctx context.Context, task Task) (found int, err error) {
	who := principal{Caller: Caller{Org: task.Org}, actor: sweeper}
	org, err := k.view(task.Org).Organization(ctx)
	if err != nil {
		return 0, err
	}
	w, err := k.revokePermissions(ctx, who, org.Withdrawn)
	if err == nil && w.left > 0 {
		err = UnavailableError(fmt.Sprintf("withdraw permissions: %d records are left", w.left), w.failed)
	}
	if err != nil || w.found > 0 {
		return w.found, err
	}
	next := org
	next.Withdrawn = nil
	next.Version++
	gone := newAuditFields()
	gone.list("permissions", org.Withdrawn)
	err = k.commitAction(ctx, who, ActionWithdrawPermission, cmp.Or(join(org.Withdrawn, maxText), string(org.ID)), gone, nil, ReplaceOrganization{org, next}, FinishTask{task})
	return 0, err
}
