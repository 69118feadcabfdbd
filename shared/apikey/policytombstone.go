package apikey

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// resumeDeletePolicy is [Rules.finishDeletePolicy] for a policy that another
// sweep may have finished.
func (r *Rules) resumeDeletePolicy(ctx context.Context, org OrgID, id uuid.UUID) (deleted int, err error) {
	policy, err := r.view(org).Policy(ctx, org, id)
	switch {
	case err != nil && KindOf(err) == NotFound:
		return 0, nil
	case err != nil:
		return 0, err
	case !policy.Deleted:
		return 0, UnavailableError("finish deleting a policy: it is no tombstone", nil)
	}
	return r.finishDeletePolicy(ctx, principal{Caller: Caller{Org: org}}.asSystem(policy), policy)
}

// listingBound is the most time that a listing takes to include a key that was
// given a policy.
const listingBound = time.Minute

// finishDeletePolicy deletes what is left of a policy's tombstone: its keys, a
// page per transaction and each with an audit record, then its references from
// users, then itself. If the count is still above 0 after listingBound but no
// keys are listed, the count is wrong: it included a damaged key whose policy
// could not be read.
func (r *Rules) finishDeletePolicy(ctx context.Context, who principal, policy Policy) (deleted int, err error) {
	for policy.KeyCount > 0 {
		n, now, err := r.deletePage(ctx, who, policy)
		deleted += n
		if err != nil && KindOf(err) == NotFound {
			return deleted, nil // another sweep finished it
		}
		if err != nil && KindOf(err) != Stale {
			return deleted, err
		}
		policy = now
		if n > 0 || err != nil || now.KeyCount == 0 {
			continue
		}
		if r.now().Sub(policy.LastModifiedOn) < listingBound {
			return deleted, UnavailableError("finish deleting a policy: its keys are not listed yet", nil)
		}
		break
	}
	return deleted, r.removeTombstone(ctx, who, policy)
}

// deletePage deletes some keys of a tombstone in one transaction, and returns
// the tombstone as it is afterwards. A policy can have more keys than fit into
// one transaction; the tombstone already stops all of them.
func (r *Rules) deletePage(ctx context.Context, who principal, policy Policy) (deleted int, now Policy, err error) {
	listed, damaged, err := firstRecords(r.keyLister(ctx, policy.Org, KeyFilter{Policy: policy.ID}, MaxDeletions), MaxDeletions)
	if err != nil {
		return 0, policy, err
	}
	keys, refs := r.view(policy.Org), []Ref{}
	for _, seen := range listed {
		refs = append(refs, KeyRef(seen.ID))
	}
	for _, seen := range damaged {
		refs = append(refs, seen.Ref)
	}
	refs = refs[:min(len(refs), MaxDeletions)]
	if err := keys.read(ctx, append(refs, PolicyRef(policy.Org, policy.ID))...); err != nil {
		return 0, policy, err
	}
	if now, err = keys.found.Policy(policy.Org, policy.ID); err != nil {
		return 0, policy, err
	}
	var writes []Write
	var audits []AuditRecord
	for _, ref := range refs {
		key, err := keys.Key(ctx, ref.ID)
		damaged := salvage(keys, ref, &key, &err)
		if err != nil || key.Org != policy.Org || key.Policy != policy.ID {
			continue // deleted or moved since it was listed, or its organization cannot be read
		}
		was, deletion := r.deletion(key, damaged)
		audit, err := r.newAuditRecord(who, ActionDeleteKey, key.ID.String(), was, nil)
		if err != nil {
			return 0, now, err
		}
		writes, audits = append(writes, deletion), append(audits, audit)
	}
	if len(writes) == 0 {
		return 0, now, nil
	}
	if err := r.commit(ctx, who, audits, writes...); err != nil {
		return 0, now, err
	}
	now.KeyCount -= len(writes)
	return len(writes), now, nil
}

// removeTombstone removes a tombstone without keys from the users who have it,
// and then deletes it. Damaged users may keep it, because a missing policy
// grants nothing.
func (r *Rules) removeTombstone(ctx context.Context, who principal, policy Policy) error {
	_, err := r.forEachUser(ctx, policy.Org, func(user User) error {
		if user.Policy != policy.ID {
			return nil
		}
		after := user
		after.Policy = uuid.UUID{}
		return r.changeUser(ctx, who, user, after)
	})
	if err != nil {
		return err
	}
	return r.commitAction(ctx, who, ActionPurgePolicy, policy.ID.String(), nil, nil,
		DeletePolicy{policy, policy.KeyCount > 0}, FinishTask{Task{policy.Org, TaskDeletePolicy, policy.ID.String()}})
}
