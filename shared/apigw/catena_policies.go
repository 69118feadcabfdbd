package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/catena"
)

var catenaPolicies = endpointGroup{Subject{"policy", "uuid"}, map[string]Endpoint{
	"create-policy": {action: on(catenaCreatePolicy)},
	"list-policies": {action: on(catenaListPolicies), Note: unpaged(policiesPath)},
	"get-policy":    {action: on(catenaGetPolicy)},
	"update-policy": {action: on(catenaUpdatePolicy, force(lastKey)), Note: effect},
	"delete-policy": {action: on(catenaDeletePolicy, force(lastKey)), Note: effect},
}}

// catenaCreatePolicy creates a policy.
func catenaCreatePolicy(ctx context.Context, api API, req request[catena.PolicyBody]) (answer[catena.Policy], error) {
	return catenaPolicy(api.Rules.CreatePolicy(ctx, req.caller, req.body.Draft()))
}

// catenaListPolicies returns all policies.
func catenaListPolicies(ctx context.Context, api API, req request[none]) (answer[catena.PolicyList], error) {
	return allPolicies(ctx, api, req.caller, catena.FromPolicies)
}

// catenaGetPolicy returns one policy.
func catenaGetPolicy(ctx context.Context, api API, req request[none]) (answer[catena.Policy], error) {
	return catenaPolicy(api.Rules.GetPolicy(ctx, req.caller, req.id))
}

// catenaUpdatePolicy changes a policy, and so the permissions of all its keys.
func catenaUpdatePolicy(ctx context.Context, api API, req request[catena.PolicyBody]) (answer[catena.Policy], error) {
	return catenaPolicy(api.Rules.ReplacePolicy(ctx, req.caller, req.id, req.version, req.body.Draft()))
}

// catenaDeletePolicy deletes a policy and every key that has it. The Catena
// document asks for no confirmation.
func catenaDeletePolicy(ctx context.Context, api API, req request[none]) (answer[none], error) {
	return answer[none]{}, api.Rules.ForceDeletePolicy(ctx, req.caller, req.id, req.version)
}

// catenaPolicy returns an answer that shows a policy.
func catenaPolicy(policy apikey.Policy, err error) (answer[catena.Policy], error) {
	return answer[catena.Policy]{body: new(catena.FromPolicy(policy))}, err
}
