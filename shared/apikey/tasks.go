package apikey

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/keytext"
)

// Swept is what a sweep has done.
type Swept struct {
	// Tasks is how many tasks were finished, Keys how many keys were changed or
	// deleted.
	Tasks, Keys int
}

// Sweep goes on with every task that was begun and not finished, for whatever
// reason. It runs on a schedule; several at once do no harm. A task that cannot
// be finished yet is left for the next sweep. Errors: [Unavailable].
func (k *Keys) Sweep(ctx context.Context) (Swept, error) {
	tasks, damaged, err := k.Store.Unfinished(ctx)
	if err != nil {
		return Swept{}, err
	}
	var swept Swept
	failed := complete(damaged, nil)
	for _, task := range tasks {
		keys, done, err := k.resume(ctx, task)
		swept.Keys += keys
		if err != nil {
			failed = err
		}
		if done {
			swept.Tasks++
		}
	}
	return swept, failed
}

// resume goes on with a task; done says that it is finished.
func (k *Keys) resume(ctx context.Context, task Task) (keys int, done bool, err error) {
	switch task.Kind {
	case TaskDeletePolicy:
		id, err := keytext.ParseID(task.Target)
		if err != nil {
			return 0, false, Failed("resume a task", err)
		}
		keys, err = k.resumeDeletePolicy(ctx, task.Org, id)
		return keys, err == nil, err
	case TaskWithdraw:
		keys, err = k.finishWithdraw(ctx, task)
		return keys, err == nil && keys == 0, err
	default:
		return 0, false, Failed("resume a task", errors.New("its kind is unknown"))
	}
}

// resumeDeletePolicy is [Keys.finishDeletePolicy] for a policy that may have been
// finished by somebody else.
func (k *Keys) resumeDeletePolicy(ctx context.Context, org OrgID, id keytext.ID) (deleted int, err error) {
	policy, err := k.view(org).Policy(ctx, org, id)
	switch {
	case err != nil && KindOf(err) == NotFound:
		return 0, nil
	case err != nil:
		return 0, err
	case !policy.Deleted:
		return 0, Failed("finish deleting a policy: it is no tombstone", nil)
	}
	return k.finishDeletePolicy(ctx, acting{Caller: Caller{Org: org}}.alone(policy), policy)
}

// finishDeletePolicy deletes what is left of a policy's tombstone: its keys, in
// pages, each with its record, then its place with users, then itself.
func (k *Keys) finishDeletePolicy(ctx context.Context, who acting, policy Policy) (deleted int, err error) {
	for policy.KeyCount > 0 {
		n, now, err := k.deletePage(ctx, who, policy)
		deleted += n
		if err != nil && KindOf(err) == NotFound {
			return deleted, nil // somebody else has finished it
		}
		if err != nil && KindOf(err) != Stale {
			return deleted, err
		}
		if n == 0 && err == nil && now.KeyCount > 0 {
			return deleted, Failed("finish deleting a policy: its keys are not listed yet", nil)
		}
		policy = now
	}
	return deleted, k.bury(ctx, who, policy)
}

// deletePage deletes some keys of a tombstone in one transaction, and returns
// the tombstone as it is after that.
func (k *Keys) deletePage(ctx context.Context, who acting, policy Policy) (deleted int, now Policy, err error) {
	listed, _, err := some(k.keys(ctx, policy.Org, KeyFilter{Policy: policy.ID}, MaxDeletions), MaxDeletions)
	if err != nil {
		return 0, policy, err
	}
	keys, refs := k.view(policy.Org), []Ref{PolicyRef(policy.Org, policy.ID)}
	for _, seen := range listed {
		refs = append(refs, KeyRef(seen.ID))
	}
	if err := keys.read(ctx, refs...); err != nil {
		return 0, policy, err
	}
	if now, err = keys.found.Policy(policy.Org, policy.ID); err != nil {
		return 0, policy, err
	}
	var writes []Write
	var audits []AuditRecord
	for _, seen := range listed {
		key, err := keys.Key(ctx, seen.ID)
		if err != nil && KindOf(err) != NotFound {
			return 0, now, err
		}
		if err != nil || key.Policy != policy.ID {
			continue // gone, or moved, since it was listed
		}
		audit, err := k.record(who, ActionDeleteKey, key.ID.String(), key.facts(), nil)
		if err != nil {
			return 0, now, err
		}
		writes, audits = append(writes, DeleteKey{Key: key}), append(audits, audit)
	}
	if len(writes) == 0 {
		return 0, now, nil
	}
	if err := k.commit(ctx, who, audits, writes...); err != nil {
		return 0, now, err
	}
	now.KeyCount -= len(writes)
	return len(writes), now, nil
}

// bury removes a tombstone without keys from the users who have it, and then
// the tombstone.
func (k *Keys) bury(ctx context.Context, who acting, policy Policy) error {
	err := complete(k.everyUser(ctx, policy.Org, func(user User) error {
		if user.Policy != policy.ID {
			return nil
		}
		after := user
		after.Policy = keytext.ID{}
		return k.changeUser(ctx, who, user, after)
	}))
	if err != nil {
		return err
	}
	return k.change(ctx, who, ActionPurgePolicy, policy.ID.String(), nil, nil,
		DeletePolicy{Policy: policy}, FinishTask{Task{policy.Org, TaskDeletePolicy, policy.ID.String()}})
}

func (k *Keys) changeUser(ctx context.Context, who acting, before, after User) error {
	after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
	after.Version++
	return k.change(ctx, who, ActionUpdateUser, after.ID.String(), before.facts(), after.facts(), ReplaceUser{Before: before, After: after})
}
