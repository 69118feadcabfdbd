package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/uuid"
)

var canonicalPolicies = endpointGroup{Subject{"policy", "uuid"}, map[string]Endpoint{
	"create-policy": {action: on(createPolicy), Tagged: true},
	"list-policies": {action: listing(canonical.ParseIDCursor, unfiltered, listPolicies)},
	"get-policy":    {action: on(getPolicy), Tagged: true},
	"update-policy": {action: on(updatePolicy, force(lastKey)), Tagged: true},
	"patch-policy":  {action: on(patchPolicy, force(lastKey)), Tagged: true},
	"delete-policy": {action: on(deletePolicy, confirm, force(lastKey))},
}}

// createPolicy creates a policy.
func createPolicy(ctx context.Context, api API, req request[canonical.PolicyBody]) (answer[canonical.Policy], error) {
	policy, err := api.Rules.CreatePolicy(ctx, req.caller, req.body.Draft())
	done, err := showPolicy(policy, err)
	done.location = policy.ID.String()
	return done, err
}

// listPolicies returns a page of the organization's policies.
func listPolicies(ctx context.Context, api API, p page[uuid.UUID, none]) (answer[canonical.PolicyList], error) {
	page, err := api.Rules.ListPolicies(ctx, p.caller, p.after, p.limit)
	return answer[canonical.PolicyList]{body: new(canonical.FromPolicies(page)), damaged: page.Damaged}, err
}

// getPolicy returns one policy.
func getPolicy(ctx context.Context, api API, req request[none]) (answer[canonical.Policy], error) {
	return showPolicy(api.Rules.GetPolicy(ctx, req.caller, req.id))
}

// updatePolicy replaces every writable member of a policy.
func updatePolicy(ctx context.Context, api API, req request[canonical.PolicyBody]) (answer[canonical.Policy], error) {
	return showPolicy(api.Rules.ReplacePolicy(ctx, req.caller, req.id, req.version, req.body.Draft()))
}

// patchPolicy changes the members of a policy that the body names.
func patchPolicy(ctx context.Context, api API, req request[canonical.PolicyPatch]) (answer[canonical.Policy], error) {
	return showPolicy(api.Rules.PatchPolicy(ctx, req.caller, req.id, req.version, req.body.Edit()))
}

// confirm repeats the value that an earlier answer of [deletePolicy] asked for.
var confirm = kind[string]{Values: text()}.named("confirm", "The confirm value of the 409 that this request got before. With it, the policy's keys are deleted too.")

// deletePolicy deletes a policy and, if the caller confirms, the keys that have
// it.
func deletePolicy(ctx context.Context, api API, req request[none]) (answer[none], error) {
	return answer[none]{}, api.Rules.DeletePolicy(ctx, req.caller, req.id, req.version, req.query[confirm.Name])
}

// showPolicy returns an answer that shows a policy.
func showPolicy(policy apikey.Policy, err error) (answer[canonical.Policy], error) {
	return answer[canonical.Policy]{body: new(canonical.FromPolicy(policy)), version: policy.Version}, err
}
