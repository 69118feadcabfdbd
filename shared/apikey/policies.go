package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/keyward/keyward/shared/keytext"
)

// policiesVisible lists the permissions that let a caller see policies.
var policiesVisible = []string{AdministerPolicies, AdministerAPIKeys, ManageAPIKeys}

// PolicyPage is one part of a listing of policies; Next is where the next part
// starts, nil at the end.
type PolicyPage struct {
	Policies []Policy
	Next     *keytext.ID
	Damaged  []Damage
}

// CreatePolicy creates a policy of permissions that the caller holds. Errors:
// [Unauthenticated], [Forbidden], [Invalid], [NotHeld], [NameTaken],
// [Unavailable].
func (k *Keys) CreatePolicy(ctx context.Context, by Caller, draft PolicyDraft) (policy Policy, err error) {
	err = retryStale(ctx, func() error {
		who, err := k.authorize(ctx, by, []string{AdministerPolicies})
		if err != nil {
			return err
		}
		id, err := keytext.NewID(k.Entropy)
		if err != nil {
			return UnavailableError("read entropy", err)
		}
		policy = Policy{ID: id, Org: who.Org, CreatedBy: who.actor, CreatedOn: k.now(), Version: 1}
		if err := k.applyPolicyDraft(ctx, who, &policy, draft); err != nil {
			return err
		}
		return k.commitAction(ctx, who, ActionCreatePolicy, id.String(), nil, policy.auditFields(), CreatePolicy{policy})
	})
	return policy, err
}

// applyPolicyDraft writes a draft's values into a policy.
func (k *Keys) applyPolicyDraft(ctx context.Context, who principal, policy *Policy, d PolicyDraft) error {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return err
	}
	var faults []FieldError
	if d.Name != policy.Name || d.Description != policy.Description {
		faults = checkNaming(d.Name, d.Description)
	}
	if d.Name == "" {
		faults = append(faults, FieldError{"name", FieldRequired, "A policy needs a name."})
	}
	// A withdrawal can leave a policy without permissions.
	if len(d.Permissions) == 0 && (policy.Name == "" || len(policy.Permissions) > 0) {
		faults = append(faults, FieldError{"permissions", FieldRequired, "A policy needs at least one permission."})
	}
	added := d.Permissions.Without(policy.Permissions)
	if err := invalidIfAny(append(faults, unknownPermissions(added, org.declares())...)); err != nil {
		return err
	}
	if err := who.authorizeGrant(added); err != nil {
		return err
	}
	before := *policy
	policy.Name, policy.Description, policy.Claim, policy.Permissions = d.Name, d.Description, k.NFC(d.Name), d.Permissions
	return invalidIfAny(k.checkSize("permissions", "A policy", MaxPolicyRecord, before, *policy))
}

// ListPolicies returns up to limit policies by id, without those that are being
// deleted. Errors: [Unauthenticated], [Forbidden], [Invalid], [Unavailable].
func (k *Keys) ListPolicies(ctx context.Context, by Caller, after keytext.ID, limit int) (PolicyPage, error) {
	if err := checkLimit(limit); err != nil {
		return PolicyPage{}, err
	}
	var part Listed[Policy, keytext.ID]
	err := k.listAuthorized(ctx, by, policiesVisible, func() (err error) {
		part, err = k.Store.Policies(ctx, by.Org, after, limit)
		return err
	})
	if err != nil {
		return PolicyPage{}, err
	}
	page := PolicyPage{Next: part.Next, Damaged: part.Damaged}
	for _, policy := range part.Records {
		if !policy.Deleted {
			page.Policies = append(page.Policies, policy)
		}
	}
	return page, nil
}

// GetPolicy returns a policy. Errors: [Unauthenticated], [Forbidden],
// [NotFound], [Unavailable].
func (k *Keys) GetPolicy(ctx context.Context, by Caller, id keytext.ID) (Policy, error) {
	who, err := k.authorize(ctx, by, policiesVisible, PolicyRef(by.Org, id))
	if err != nil {
		return Policy{}, err
	}
	policy, err := who.view.Policy(ctx, who.Org, id)
	if err == nil && policy.Deleted {
		return Policy{}, NoSuch(SubjectPolicy)
	}
	return policy, err
}

// ReplacePolicy replaces everything that a caller can write of a policy. All
// its keys get the new permissions within the revocation bound, without being
// written themselves. A draft that changes nothing leaves the version as it is.
// Errors: those of [Keys.CreatePolicy], and [NotFound], [PreconditionFailed].
func (k *Keys) ReplacePolicy(ctx context.Context, by Caller, id keytext.ID, version int64, draft PolicyDraft) (Policy, error) {
	return k.PatchPolicy(ctx, by, id, version, PolicyEdit{&draft.Name, &draft.Description, &draft.Permissions})
}

// PatchPolicy changes the fields of a policy that edit names, like
// [Keys.ReplacePolicy]. Errors: those of [Keys.ReplacePolicy].
func (k *Keys) PatchPolicy(ctx context.Context, by Caller, id keytext.ID, version int64, edit PolicyEdit) (after Policy, err error) {
	err = retryStale(ctx, func() error {
		who, err := k.authorize(ctx, by, []string{AdministerPolicies}, PolicyRef(by.Org, id))
		if err != nil {
			return err
		}
		before, err := who.view.Policy(ctx, who.Org, id)
		if err != nil {
			return err
		}
		if before.Deleted {
			return NoSuch(SubjectPolicy)
		}
		if err := checkVersion(version, before.Version, SubjectPolicy); err != nil {
			return err
		}
		after = before
		if err := k.applyPolicyDraft(ctx, who, &after, edit.apply(before)); err != nil || same(before, after) {
			return err
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		return k.commitAction(ctx, who, ActionUpdatePolicy, id.String(), before.auditFields(), after.auditFields(), ReplacePolicy{Before: before, After: after})
	})
	return after, err
}

// DeletePolicy deletes a policy and every key that has it (the Catena
// document). If keys or users have it, the error is [InUse] with the text that
// confirms the deletion of this version. Once confirmed, all keys stop working
// at once; their deletion may continue after the answer. A damaged policy can
// be deleted too. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [PreconditionFailed], [InUse], [Unavailable].
func (k *Keys) DeletePolicy(ctx context.Context, by Caller, id keytext.ID, version int64, confirm string) error {
	return k.deletePolicy(ctx, by, id, version, func(policy Policy) bool { return confirm == confirmation(policy) }, confirm == "")
}

// ForceDeletePolicy is [Keys.DeletePolicy] without a confirmation, for formats
// that have none.
func (k *Keys) ForceDeletePolicy(ctx context.Context, by Caller, id keytext.ID, version int64) error {
	return k.deletePolicy(ctx, by, id, version, func(Policy) bool { return true }, false)
}

// deletePolicy deletes a policy if confirmed accepts it, or if unused is set
// and nothing has the policy.
func (k *Keys) deletePolicy(ctx context.Context, by Caller, id keytext.ID, version int64, confirmed func(Policy) bool, unused bool) error {
	var tombstone Policy
	var deleter principal
	err := retryStale(ctx, func() error {
		var use policyUse
		who, err := k.authorizePrefetching(ctx, by, []string{AdministerPolicies}, k.prefetchPolicyUse(ctx, id, confirmed, &use), PolicyRef(by.Org, id))
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
			use.Confirm, use.Examples = confirmation(policy), who.visible(use.Examples)
			return &Error{Kind: InUse, Subject: SubjectPolicy, Use: &use.Use,
				Detail: "Deleting this policy deletes every API key that has it. To do so, repeat the request with ?confirm=" + use.Confirm + "."}
		}
		was := policy.auditFields()
		if was.flag("damaged", damaged); damaged {
			policy.Org = who.Org
			tombstone = Policy{ID: id, Org: who.Org, Name: policy.Name, KeyCount: use.Keys, Version: policy.Version}
		}
		tombstone.Deleted, tombstone.LastModifiedBy, tombstone.LastModifiedOn = true, who.actor, k.now()
		tombstone.Version++
		return k.commitAction(ctx, who, ActionDeletePolicy, id.String(), was, nil,
			ReplacePolicy{policy, tombstone, !damaged && !confirmed(policy), damaged}, BeginTask{Task{who.Org, TaskDeletePolicy, id.String()}})
	})
	if err != nil {
		return err
	}
	// The policy is already gone for everybody. The rest is stored as a task;
	// the next sweep finishes what cannot be finished now.
	_, _ = k.finishDeletePolicy(ctx, deleter.asSystem(tombstone), tombstone)
	return nil
}

// policyUse is what has a policy, or why that is unknown.
type policyUse struct {
	Use
	err error
}

// prefetchPolicyUse returns a prefetch that looks for keys and users with a
// policy whose deletion is not confirmed. It counts the keys of a damaged
// policy, whose own count cannot be trusted. Damaged users are taken to have no
// policy.
func (k *Keys) prefetchPolicyUse(ctx context.Context, id keytext.ID, confirmed func(Policy) bool, use *policyUse) prefetch {
	return func(v *view) ([]Ref, func()) {
		policy, err := v.found.Policy(v.org, id)
		damaged := salvage(v, PolicyRef(v.org, id), &policy, &err)
		if err != nil || !damaged && (policy.Deleted || confirmed(policy)) {
			return nil, nil
		}
		use.Keys = policy.KeyCount
		users := func() error {
			_, err := k.forEachUser(ctx, v.org, func(user User) error {
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
				use.Keys, use.Examples, err = k.countKeys(ctx, v.org, id)
			case policy.KeyCount > 0:
				use.Examples, _, err = firstRecords(k.keyLister(ctx, v.org, KeyFilter{Policy: id}, MaxPage), min(policy.KeyCount, MaxPage))
			}
			return err
		}
		return nil, func() { use.err = concurrently(users, keys) }
	}
}

// countKeys counts a policy's listed keys, including damaged ones, and returns
// some of the others.
func (k *Keys) countKeys(ctx context.Context, org OrgID, policy keytext.ID) (n int, some []Key, err error) {
	damaged, err := k.forEachKey(ctx, org, KeyFilter{Policy: policy}, func(key Key) error {
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
