package apikey

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/keytext"
)

// sweeper is the actor of what is done without anybody asking at that moment.
var sweeper = Actor{Username: "sweep"}

// holders calls the functions for every key, policy and user that holds any of
// the permissions directly. The listing of keys may miss a change of the last
// second. What is damaged may hold them too: the others are done all the same,
// and then it is an error.
func (k *Keys) holders(ctx context.Context, org OrgID, permissions Permissions, onKey func(Key) error, onPolicy func(Policy) error, onUser func(User) error) error {
	damaged, err := k.everyKey(ctx, org, KeyFilter{}, func(key Key) error { return ifHeld(key.Permissions, permissions, key, onKey) })
	if err != nil {
		return err
	}
	policies, err := k.everyPolicy(ctx, org, func(p Policy) error { return ifHeld(p.Permissions, permissions, p, onPolicy) })
	if err != nil {
		return err
	}
	users, err := k.everyUser(ctx, org, func(u User) error { return ifHeld(u.Permissions, permissions, u, onUser) })
	return complete(slices.Concat(damaged, policies, users), err)
}

func ifHeld[T any](held, permissions Permissions, thing T, do func(T) error) error {
	if !held.HasAny(permissions...) {
		return nil
	}
	return do(thing)
}

// granted counts what holds any of the permissions.
func (k *Keys) granted(ctx context.Context, org OrgID, permissions Permissions) (Use, error) {
	var use Use
	holds := func(held Permissions) bool { return held.HasAny(permissions...) }
	err := together(func() error {
		return complete(k.everyKey(ctx, org, KeyFilter{}, func(key Key) error {
			if holds(key.Permissions) {
				use.Keys++
				if len(use.Examples) < MaxPage {
					use.Examples = append(use.Examples, key)
				}
			}
			return nil
		}))
	}, func() error {
		return complete(k.everyPolicy(ctx, org, func(policy Policy) error {
			if holds(policy.Permissions) {
				use.Policies++
			}
			return nil
		}))
	}, func() error {
		return complete(k.everyUser(ctx, org, func(user User) error {
			if holds(user.Permissions) {
				use.Users++
			}
			return nil
		}))
	})
	return use, err
}

// withdraw takes permissions out of every key, policy and user, and says in how
// many it found any.
func (k *Keys) withdraw(ctx context.Context, who acting, gone Permissions) (found int, err error) {
	err = k.holders(ctx, who.Org, gone, func(listed Key) error {
		found++
		return k.withdrawFromKey(ctx, who, listed.ID, gone)
	}, func(before Policy) error {
		found++
		after := before
		after.Permissions = before.Permissions.Without(gone)
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		return k.change(ctx, who, ActionUpdatePolicy, after.ID.String(), before.facts(), after.facts(), ReplacePolicy{Before: before, After: after})
	}, func(before User) error {
		found++
		after := before
		after.Permissions = before.Permissions.Without(gone)
		return k.changeUser(ctx, who, before, after)
	})
	return found, err
}

func (k *Keys) withdrawFromKey(ctx context.Context, who acting, id keytext.ID, gone Permissions) error {
	return retryStale(ctx, func() error {
		before, err := k.view(who.Org).Key(ctx, id)
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
		return k.change(ctx, who, ActionUpdateKey, after.ID.String(), before.facts(), after.facts(), ReplaceKey{before, after})
	})
}

// finishWithdraw ends a withdrawal once nothing holds the permissions any more.
// It is a sweep's to do: by then whatever was granted before is listed.
func (k *Keys) finishWithdraw(ctx context.Context, task Task) (found int, err error) {
	who := acting{Caller: Caller{Org: task.Org}, actor: sweeper}
	org, err := k.view(task.Org).Organization(ctx)
	if err != nil {
		return 0, err
	}
	if found, err = k.withdraw(ctx, who, org.Withdrawn); err != nil || found > 0 {
		return found, err
	}
	next := org
	next.Withdrawn = nil
	next.Version++
	gone := newFacts()
	gone.list("permissions", org.Withdrawn)
	err = k.change(ctx, who, ActionWithdrawPermission, join(org.Withdrawn, maxText), gone, nil, ReplaceOrganization{org, next}, FinishTask{task})
	return 0, err
}
