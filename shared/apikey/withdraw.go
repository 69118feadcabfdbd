package apikey

import (
	"context"
	"slices"
)

// sweeper is the actor of what is done without anybody asking at that moment.
var sweeper = Actor{Username: "sweep"}

// holders calls the functions for every key, policy and user that holds any of
// the permissions directly. The listing of keys may miss a change of the last
// second.
func (k *Keys) holders(ctx context.Context, org OrgID, permissions Permissions, onKey func(Key) error, onPolicy func(Policy) error, onUser func(User) error) error {
	err := k.everyKey(ctx, org, KeyFilter{}, func(key Key) error { return ifHeld(key.Permissions, permissions, key, onKey) })
	if err != nil {
		return err
	}
	if err := k.everyPolicy(ctx, org, func(p Policy) error { return ifHeld(p.Permissions, permissions, p, onPolicy) }); err != nil {
		return err
	}
	return k.everyUser(ctx, org, func(u User) error { return ifHeld(u.Permissions, permissions, u, onUser) })
}

// everyKey calls each for all keys of an organization that the filter lets pass.
func (k *Keys) everyKey(ctx context.Context, org OrgID, filter KeyFilter, each func(Key) error) error {
	var after Position
	for more := true; more; {
		var keys []Key
		var err error
		if keys, more, err = k.Store.Keys(ctx, org, filter, after, MaxPage); err != nil {
			return err
		}
		for _, key := range keys {
			after = Position{key.CreatedOn, key.ID}
			if err := each(key); err != nil {
				return err
			}
		}
		more = more && len(keys) > 0
	}
	return nil
}

func ifHeld[T any](held, permissions Permissions, thing T, do func(T) error) error {
	if !held.HasAny(permissions...) {
		return nil
	}
	return do(thing)
}

// everyPolicy calls each for all policies of an organization that are no
// tombstones.
func (k *Keys) everyPolicy(ctx context.Context, org OrgID, each func(Policy) error) error {
	page, more, err := k.Store.Policies(ctx, org, [16]byte{}, MaxPage)
	for {
		if err != nil {
			return err
		}
		for _, policy := range page {
			if policy.Deleted {
				continue
			}
			if err := each(policy); err != nil {
				return err
			}
		}
		if !more || len(page) == 0 {
			return nil
		}
		page, more, err = k.Store.Policies(ctx, org, page[len(page)-1].ID, MaxPage)
	}
}

// granted counts what holds any of the permissions.
func (k *Keys) granted(ctx context.Context, org OrgID, permissions Permissions) (Use, error) {
	var use Use
	err := k.holders(ctx, org, permissions, func(key Key) error {
		use.Keys++
		if len(use.Examples) < MaxPage {
			use.Examples = append(use.Examples, key)
		}
		return nil
	}, func(Policy) error { use.Policies++; return nil }, func(User) error { use.Users++; return nil })
	return use, err
}

// withdrawNow takes permissions out of all that holds them, as far as that
// succeeds at once. The tasks stay for the next sweep, which also finds what was
// granted too shortly before to be listed yet.
func (k *Keys) withdrawNow(ctx context.Context, org OrgID, permissions Permissions) {
	for _, name := range permissions {
		_, _ = k.withdraw(ctx, org, name)
	}
}

// withdraw takes one permission out of every key, policy and user, and says how
// many it found it in.
func (k *Keys) withdraw(ctx context.Context, org OrgID, name string) (keys int, err error) {
	gone := NewPermissions(name)
	who := acting{Caller: Caller{Org: org}, actor: sweeper}
	err = k.holders(ctx, org, gone, func(listed Key) error {
		keys++
		return retryStale(ctx, func() error {
			before, err := k.Store.Key(ctx, listed.ID)
			if err != nil && KindOf(err) == NotFound || err == nil && !before.Permissions.Has(name) {
				return nil
			}
			if err != nil {
				return err
			}
			after := before
			after.Permissions = before.Permissions.Without(gone)
			after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
			after.Version++
			return k.change(ctx, who, ActionUpdateKey, after.ID.String(), before.facts(), after.facts(), nil, ReplaceKey{before, after})
		})
	}, func(before Policy) error {
		keys++
		after := before
		after.Permissions = before.Permissions.Without(gone)
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		return k.change(ctx, who, ActionUpdatePolicy, after.ID.String(), before.facts(), after.facts(), nil, ReplacePolicy{before, after})
	}, func(before User) error {
		keys++
		after := before
		after.Permissions = before.Permissions.Without(gone)
		return k.changeUser(ctx, who, before, after)
	})
	return keys, err
}

// finishWithdraw ends a withdrawal once nothing holds the permission any more.
func (k *Keys) finishWithdraw(ctx context.Context, task Task) (keys int, err error) {
	keys, err = k.withdraw(ctx, task.Org, task.Target)
	if err != nil || keys > 0 {
		return keys, err
	}
	return 0, retryStale(ctx, func() error {
		org, err := k.organization(ctx, task.Org)
		if err != nil {
			return err
		}
		next := org
		next.Withdrawn = slices.Clone(org.Withdrawn.Without(NewPermissions(task.Target)))
		next.Version++
		who := acting{Caller: Caller{Org: task.Org}, actor: sweeper}
		return k.change(ctx, who, ActionWithdrawPermission, task.Target, nil, nil, nil, ReplaceOrganization{org, next}, FinishTask{task})
	})
}
