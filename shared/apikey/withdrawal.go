package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// sweeper is the actor of changes that a sweep makes on its own.
var sweeper = Actor{Username: "sweep"}

// forEachHolder calls the functions for every key, policy and user that holds
// any of the permissions directly. It returns the damaged records, which may
// hold them too. The listing of keys may miss changes of the last second.
func (r *Rules) forEachHolder(ctx context.Context, org OrgID, permissions permission.Set, onKey func(Key) error, onPolicy func(Policy) error, onUser func(User) error) (damaged []Damage, err error) {
	keys, err := r.forEachKey(ctx, org, KeyFilter{}, func(key Key) error { return ifHeld(key.Permissions, permissions, key, onKey) })
	if err != nil {
		return keys, err
	}
	policies, err := r.forEachPolicy(ctx, org, func(p Policy) error { return ifHeld(p.Permissions, permissions, p, onPolicy) })
	if err != nil {
		return keys, err
	}
	users, err := r.forEachUser(ctx, org, func(u User) error { return ifHeld(u.Permissions, permissions, u, onUser) })
	return slices.Concat(keys, policies, users), err
}

func ifHeld[T any](held, permissions permission.Set, thing T, do func(T) error) error {
	if !held.HasAny(permissions...) {
		return nil
	}
	return do(thing)
}

// countHolders counts what holds any of the permissions. Damaged records grant
// nothing and do not count.
func (r *Rules) countHolders(ctx context.Context, org OrgID, permissions permission.Set) (Use, error) {
	var use Use
	holds := func(held permission.Set) bool { return held.HasAny(permissions...) }
	err := concurrently(func() error {
		_, err := r.forEachKey(ctx, org, KeyFilter{}, func(key Key) error {
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
		_, err := r.forEachPolicy(ctx, org, func(policy Policy) error {
			if holds(policy.Permissions) {
				use.Policies++
			}
			return nil
		})
		return err
	}, func() error {
		_, err := r.forEachUser(ctx, org, func(user User) error {
			if holds(user.Permissions) {
				use.Users++
			}
			return nil
		})
		return err
	})
	return use, err
}

// answerReserve is how long before its deadline a request stops
// withdrawing permissions, to count what is left and to answer.
const answerReserve = 3 * time.Second

// withdrawal is permissions to take from everything that holds them, and the
// organization when they were withdrawn.
type withdrawal struct {
	org  Organization
	gone permission.Set
}

// progress is how far a withdrawal has come.
type progress struct {
	// found counts the records that held any of them, left those that may still
	// hold them.
	found, left int
	// failed is why some are left; nil if none are.
	failed error
}

func (p *progress) count(failed error) error {
	if p.found++; failed != nil {
		p.left, p.failed = p.left+1, failed
	}
	return nil
}

// withdrawInTime is [Rules.withdrawFromHolders] before the request's deadline. It
// returns how many records may still hold the permissions. The next sweep does
// the rest.
func (r *Rules) withdrawInTime(ctx context.Context, who principal, w withdrawal) (left int) {
	if len(w.gone) == 0 {
		return 0
	}
	inTime := ctx
	if end, ends := ctx.Deadline(); ends {
		var cancel context.CancelFunc
		inTime, cancel = context.WithDeadline(ctx, end.Add(-answerReserve))
		defer cancel()
	}
	done, err := r.withdrawFromHolders(inTime, who, w)
	if err == nil {
		return done.left
	}
	use, _ := r.countHolders(ctx, who.Org, w.gone) // includes those that were not listed in time
	return max(done.left, use.Keys+use.Policies+use.Users, 1)
}

// withdrawFromHolders takes the withdrawn permissions from every key, policy and
// user, except those that have been declared again. It continues if a record
// cannot be changed. An error means that not all records could be listed.
func (r *Rules) withdrawFromHolders(ctx context.Context, who principal, w withdrawal) (done progress, err error) {
	damaged, err := r.forEachHolder(ctx, who.Org, w.gone, func(listed Key) error {
		// The listing may show an older version.
		return done.count(r.withdrawFrom(ctx, who, KeyRef(listed.ID), nil, w, r.withdrawFromKey))
	}, func(listed Policy) error {
		return done.count(r.withdrawFrom(ctx, who, PolicyRef(who.Org, listed.ID), listed, w, r.withdrawFromPolicy))
	}, func(listed User) error {
		return done.count(r.withdrawFrom(ctx, who, UserRef(who.Org, listed.ID), listed, w, r.withdrawFromUser))
	})
	done.left, done.failed = done.left+len(damaged), unavailableIfDamaged(damaged, done.failed)
	return done, err
}

// withdrawFrom calls take with the permissions that are still withdrawn. It has
// read the organization together with the record, because a permission that has
// been declared again since may be granted again. A record that is not nil was
// just listed: it is read only if it, or the organization, has changed since. A
// missing record holds nothing.
func (r *Rules) withdrawFrom(ctx context.Context, who principal, ref Ref, record any, w withdrawal, take func(context.Context, principal, uuid.UUID, permission.Set) error) error {
	err := retryStale(ctx, func() error {
		who.view = r.view(who.Org)
		if record != nil {
			who.view.found = Found{ref: {Record: record}, OrganizationRef(who.Org): {Record: w.org}}
			record = nil
		}
		if err := who.view.read(ctx, ref, OrganizationRef(who.Org)); err != nil {
			return err
		}
		org, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		return take(ctx, who, ref.ID, w.gone.And(org.Withdrawn))
	})
	if err != nil && KindOf(err) == NotFound {
		return nil
	}
	return err
}

func (r *Rules) withdrawFromKey(ctx context.Context, who principal, id uuid.UUID, gone permission.Set) error {
	before, err := who.view.Key(ctx, id)
	if err != nil || !before.Permissions.HasAny(gone...) {
		return err
	}
	after := before
	after.Permissions = before.Permissions.Without(gone)
	after.modified(who.actor, r.now())
	after.Version++
	return r.commitAction(ctx, who, ActionUpdateKey, after.ID.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
}

func (r *Rules) withdrawFromPolicy(ctx context.Context, who principal, id uuid.UUID, gone permission.Set) error {
	before, err := who.view.Policy(ctx, who.Org, id)
	if err != nil || before.Deleted || !before.Permissions.HasAny(gone...) {
		return err
	}
	after := before
	after.Permissions = before.Permissions.Without(gone)
	after.LastModifiedBy, after.LastModifiedOn = who.actor, r.now()
	after.Version++
	return r.commitAction(ctx, who, ActionUpdatePolicy, after.ID.String(), before.auditFields(), after.auditFields(), ReplacePolicy{Before: before, After: after})
}

func (r *Rules) withdrawFromUser(ctx context.Context, who principal, id uuid.UUID, gone permission.Set) error {
	before, err := who.view.User(ctx, who.Org, id)
	if err != nil || !before.Permissions.HasAny(gone...) {
		return err
	}
	after := before
	after.Permissions = before.Permissions.Without(gone)
	return r.changeUser(ctx, who, before, after)
}

// finishWithdrawal ends a withdrawal once it is certain that nothing holds the
// permissions. Until then it takes them from what does. It returns how many
// records held them.
func (r *Rules) finishWithdrawal(ctx context.Context, task Task) (found int, err error) {
	who, began := principal{Caller: Caller{Org: task.Org}, actor: sweeper}, r.now()
	org, err := r.view(task.Org).Organization(ctx)
	if err != nil {
		return 0, err
	}
	done, err := r.withdrawFromHolders(ctx, who, withdrawal{org, org.Withdrawn})
	if err == nil && done.left > 0 {
		err = UnavailableError(fmt.Sprintf("withdraw permissions: %d records are left", done.left), done.failed)
	}
	if err != nil || done.found > 0 {
		return done.found, err
	}
	if len(org.Withdrawn) > 0 {
		left, err := r.remainingKeys(ctx, org, began, org.Withdrawn)
		if err == nil && left.wait > 0 {
			err = UnavailableError("withdraw permissions: not every key is listed yet", nil)
		}
		if err = unavailableIfDamaged(left.damaged, err); err != nil {
			return 0, err
		}
	}
	next := org
	next.Withdrawn = nil
	next.Version++
	gone := newAuditFields()
	gone.list("permissions", org.Withdrawn)
	err = r.commitAction(ctx, who, ActionWithdrawPermission, cmp.Or(join(org.Withdrawn, maxText), string(org.ID)), gone, nil, ReplaceOrganization{org, next}, FinishTask{task})
	return 0, err
}
