package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// DeletePolicy deletes a policy and every key that has it (the Catena
// document). If keys or users have it, the error is [InUse] with the text that
// confirms the deletion of this version. Once confirmed, all keys stop working
// at once; their deletion may continue after the answer. A damaged policy can
// be deleted too. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [PreconditionFailed], [InUse], [Unavailable].
func (r *Rules) DeletePolicy(ctx context.Context, by Caller, id uuid.UUID, version int64, confirm string) error {
	return r.deletePolicy(ctx, by, id, version, func(policy Policy) bool { return confirm == confirmation(policy) }, confirm == "")
}

// ForceDeletePolicy is [Rules.DeletePolicy] without a confirmation, for formats
// that have none.
func (r *Rules) ForceDeletePolicy(ctx context.Context, by Caller, id uuid.UUID, version int64) error {
	return r.deletePolicy(ctx, by, id, version, func(Policy) bool { return true }, false)
}

// deletePolicy deletes a policy if confirmed accepts it, or if unused is set
// and nothing has the policy.
func (r *Rules) deletePolicy(ctx context.Context, by Caller, id uuid.UUID, version int64, confirmed func(Policy) bool, unused bool) error {
	var tombstone Policy
	var deleter principal
	err := retryStale(ctx, func() error {
		var use policyUse
		who, err := r.authorizePrefetching(ctx, by, []string{permission.AdministerPolicies}, r.prefetchPolicyUse(ctx, id, confirmed, &use), PolicyRef(by.Org, id))
		if err != nil {
			return err
		}
		deleter = who
		policy, err := who.view.Policy(ctx, who.Org, id)
		damaged := salvage(who.view, PolicyRef(who.Org, id), &policy, &err)
		if tombstone = policy; err != nil || policy.Deleted && !damaged {
			return err
		}
		if err := checkVersion(version, policy.Version, SubjectPolicy); err != nil {
			return err
		}
		if use.err != nil {
			return use.err
		}
		if !confirmed(policy) && (!unused || use.Keys+use.Users > 0) {
			if err := r.addLastUses(ctx, &use.Use); err != nil {
				return err
			}
			use.Confirm, use.Examples = confirmation(policy), who.visible(use.Examples)
			return &Error{Kind: InUse, Subject: SubjectPolicy, Use: &use.Use,
				Detail: "Deleting this policy deletes every API key that has it. To do so, repeat the request with ?confirm=" + use.Confirm + "."}
		}
		was := policy.auditFields()
		if was.flag("damaged", damaged); damaged {
			policy.Org = who.Org
			tombstone = Policy{ID: id, Org: who.Org, Name: policy.Name, KeyCount: use.Keys, Version: policy.Version}
		}
		tombstone.Deleted, tombstone.LastModifiedBy, tombstone.LastModifiedOn = true, who.actor, r.now()
		tombstone.Version++
		return r.commitAction(ctx, who, ActionDeletePolicy, id.String(), was, nil,
			ReplacePolicy{policy, tombstone, !damaged && !confirmed(policy), damaged}, BeginTask{Task{who.Org, TaskDeletePolicy, id.String()}})
	})
	if err != nil {
		return err
	}
	// The policy is already gone for everybody. The rest is stored as a task;
	// the next sweep finishes what cannot be finished now.
	_, _ = r.finishDeletePolicy(ctx, deleter.asSystem(tombstone), tombstone)
	return nil
}

// policyUse is what has a policy, or why that is unknown.
type policyUse struct {
	Use
	err error
}

// prefetchPolicyUse returns a prefetch that looks for keys and users with a
// policy whose deletion is not confirmed. It counts the keys of a damaged
// policy, whose own count cannot be trusted. It ignores damaged users.
func (r *Rules) prefetchPolicyUse(ctx context.Context, id uuid.UUID, confirmed func(Policy) bool, use *policyUse) prefetch {
	return func(v *view) ([]Ref, func()) {
		policy, err := v.found.Policy(v.org, id)
		damaged := salvage(v, PolicyRef(v.org, id), &policy, &err)
		if err != nil || !damaged && (policy.Deleted || confirmed(policy)) {
			return nil, nil
		}
		use.Keys = policy.KeyCount
		users := func() error {
			_, err := r.forEachUser(ctx, v.org, func(user User) error {
				if user.Policy == id {
					use.Users++
				}
				return nil
			})
			return err
		}
		keys := func() (err error) {
			switch {
			case damaged:
				use.Keys, use.Examples, err = r.countKeys(ctx, v.org, id)
			case policy.KeyCount > 0:
				use.Examples, _, err = firstRecords(r.keyLister(ctx, v.org, KeyFilter{Policy: id}, MaxPage), min(policy.KeyCount, MaxPage))
			}
			return err
		}
		return nil, func() { use.err = concurrently(users, keys) }
	}
}

// addLastUses adds when the examples were last used. If the last uses cannot be
// read, it returns the error: a caller must not confirm without knowing whether
// the keys are in use.
func (r *Rules) addLastUses(ctx context.Context, use *Use) (err error) {
	if use.LastUses, err = r.lastUses(ctx, use.Examples); err != nil {
		return err
	}
	for _, last := range use.LastUses {
		if last.UsedOn.After(use.LastUsedOn) {
			use.LastUsedOn = last.UsedOn
		}
	}
	return nil
}

// countKeys counts a policy's listed keys, including damaged ones, and returns
// some of the others.
func (r *Rules) countKeys(ctx context.Context, org OrgID, policy uuid.UUID) (n int, some []Key, err error) {
	damaged, err := r.forEachKey(ctx, org, KeyFilter{Policy: policy}, func(key Key) error {
		if n++; len(some) < MaxPage {
			some = append(some, key)
		}
		return nil
	})
	return n + len(damaged), some, err
}

// confirmation returns a text that is tied to a policy's version. It is not a
// secret: it shows that the sender was told what depends on that version.
func confirmation(policy Policy) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "delete policy %s version %d", policy.ID, policy.Version))
	return hex.EncodeToString(sum[:12])
}
