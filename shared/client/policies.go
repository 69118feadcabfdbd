package client

import (
	"context"
	"iter"

	"github.com/keyward/keyward/shared/client/wire"
)

// Policies are the organization's policies.
type Policies struct{ s *sender }

type (
	// Policy is a policy: permissions for any number of keys.
	Policy = wire.Policy
	// NewPolicy is what to create or replace a policy with.
	NewPolicy = wire.PolicyBody
	// PolicyPatch changes members of a policy.
	PolicyPatch = wire.PolicyPatch
	// ListPoliciesParams are the optional parameters of the call.
	ListPoliciesParams = wire.ListPoliciesParams
	// UpdatePolicyParams are the optional parameters of the call.
	UpdatePolicyParams = wire.UpdatePolicyParams
	// PatchPolicyParams are the optional parameters of the call.
	PatchPolicyParams = wire.PatchPolicyParams
	// DeletePolicyParams are the optional parameters of the call.
	DeletePolicyParams = wire.DeletePolicyParams
	// PolicyPage is one page of policies.
	PolicyPage = Page[Policy]
)

// Create creates a policy. It is not repeated, except where nothing was done.
func (p Policies) Create(ctx context.Context, policy NewPolicy) (*Policy, error) {
	request, err := wire.NewCreatePolicyRequest(ctx, p.s.server, policy)
	return ask[Policy](p.s, once, request, err)
}

// List returns one page of policies.
func (p Policies) List(ctx context.Context, params *ListPoliciesParams) (*PolicyPage, error) {
	request, err := wire.NewListPoliciesRequest(ctx, p.s.server, given(params))
	return ask[PolicyPage](p.s, repeatable, request, err)
}

// All returns the policies of all pages, each fetched when it is needed. It ends with
// the first error.
func (p Policies) All(ctx context.Context, params *ListPoliciesParams) iter.Seq2[Policy, error] {
	given := given(params)
	return all(&given.Cursor, func() (*PolicyPage, error) { return p.List(ctx, &given) })
}

// Get returns a policy.
func (p Policies) Get(ctx context.Context, id string) (*Policy, error) {
	request, err := wire.NewGetPolicyRequest(ctx, p.s.server, id)
	return ask[Policy](p.s, repeatable, request, err)
}

// Update replaces a policy. What is absent is removed.
func (p Policies) Update(ctx context.Context, id string, policy NewPolicy, params *UpdatePolicyParams) (*Policy, error) {
	given := given(params)
	request, err := wire.NewUpdatePolicyRequest(ctx, p.s.server, id, given, policy)
	return ask[Policy](p.s, unlessMatched(given.IfMatch, repeatable), request, err)
}

// Patch changes members of a policy; see [Set] and [Clear].
func (p Policies) Patch(ctx context.Context, id string, patch PolicyPatch, params *PatchPolicyParams) (*Policy, error) {
	given := given(params)
	request, err := wire.NewPatchPolicyRequest(ctx, p.s.server, id, given, patch)
	return ask[Policy](p.s, unlessMatched(given.IfMatch, repeatable), request, err)
}

// Delete deletes a policy. With keys, it must be
// confirmed; the [InUse] of [ErrPolicyInUse] says how.
func (p Policies) Delete(ctx context.Context, id string, params *DeletePolicyParams) error {
	given := given(params)
	request, err := wire.NewDeletePolicyRequest(ctx, p.s.server, id, given)
	return tell(p.s, unlessMatched(given.IfMatch, removal), request, err)
}
