package apikey

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// policiesVisible lists the permissions that let a caller see policies.
var policiesVisible = []string{permission.AdministerPolicies, permission.AdministerAPIKeys, permission.ManageAPIKeys}

// CreatePolicy creates a policy of permissions that the caller holds. Errors:
// [Unauthenticated], [Forbidden], [Invalid], [NotHeld], [NameTaken],
// [Unavailable].
func (r *Rules) CreatePolicy(ctx context.Context, by Caller, draft PolicyDraft) (policy Policy, err error) {
	err = retryStale(ctx, func() error {
		who, err := r.authorize(ctx, by, []string{permission.AdministerPolicies})
		if err != nil {
			return err
		}
		id, err := uuid.New(r.Entropy)
		if err != nil {
			return UnavailableError("read entropy", err)
		}
		policy = Policy{ID: id, Org: who.Org, CreatedBy: who.actor, CreatedOn: r.now(), Version: 1}
		if err := r.applyPolicyDraft(ctx, who, &policy, draft); err != nil {
			return err
		}
		return r.commitAction(ctx, who, ActionCreatePolicy, id.String(), nil, policy.auditFields(), CreatePolicy{policy})
	})
	return policy, err
}

// applyPolicyDraft writes a draft's values into a policy.
func (r *Rules) applyPolicyDraft(ctx context.Context, who principal, policy *Policy, d PolicyDraft) error {
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
	if err := InvalidError(append(faults, unknownPermissions(added, org.declares())...)...); err != nil {
		return err
	}
	if err := who.authorizeGrant(added); err != nil {
		return err
	}
	before := *policy
	policy.Name, policy.Description, policy.Claim, policy.Permissions = d.Name, d.Description, r.NFC(d.Name), d.Permissions
	return InvalidError(r.checkSize("permissions", "A policy", MaxPolicyRecord, before, *policy)...)
}

// ListPolicies returns up to limit policies by id, without those that are being
// deleted. Errors: [Unauthenticated], [Forbidden], [Invalid], [Unavailable].
func (r *Rules) ListPolicies(ctx context.Context, by Caller, after uuid.UUID, limit int) (part Listed[Policy, uuid.UUID], err error) {
	if err := checkLimit(limit); err != nil {
		return part, err
	}
	part, err = listAuthorized(ctx, r, by, policiesVisible, func() (Listed[Policy, uuid.UUID], error) {
		return r.Store.Policies(ctx, by.Org, after, limit)
	})
	part.Records = slices.DeleteFunc(part.Records, func(policy Policy) bool { return policy.Deleted })
	return part, err
}

// GetPolicy returns a policy. Errors: [Unauthenticated], [Forbidden],
// [NotFound], [Unavailable].
func (r *Rules) GetPolicy(ctx context.Context, by Caller, id uuid.UUID) (Policy, error) {
	who, err := r.authorize(ctx, by, policiesVisible, PolicyRef(by.Org, id))
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
// Errors: those of [Rules.CreatePolicy], and [NotFound], [PreconditionFailed].
func (r *Rules) ReplacePolicy(ctx context.Context, by Caller, id uuid.UUID, version int64, draft PolicyDraft) (Policy, error) {
	return r.PatchPolicy(ctx, by, id, version, PolicyEdit{&draft.Name, &draft.Description, &draft.Permissions})
}

// PatchPolicy changes the fields of a policy that edit names, like
// [Rules.ReplacePolicy]. Errors: those of [Rules.ReplacePolicy].
func (r *Rules) PatchPolicy(ctx context.Context, by Caller, id uuid.UUID, version int64, edit PolicyEdit) (after Policy, err error) {
	err = retryStale(ctx, func() error {
		who, err := r.authorize(ctx, by, []string{permission.AdministerPolicies}, PolicyRef(by.Org, id))
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
		if err := r.applyPolicyDraft(ctx, who, &after, edit.apply(before)); err != nil || same(before, after) {
			return err
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, r.now()
		after.Version++
		return r.commitAction(ctx, who, ActionUpdatePolicy, id.String(), before.auditFields(), after.auditFields(), ReplacePolicy{Before: before, After: after})
	})
	return after, err
}
