package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/catena"
)

// catenaCreatePolicy makes a policy.
var catenaCreatePolicy = on(func(ctx context.Context, api API, req request[catena.PolicyBody]) (answer, error) {
	return catenaPolicy(api.Keys.CreatePolicy(ctx, req.caller, req.body.Draft()))
})

// catenaListPolicies shows all policies.
var catenaListPolicies = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return allPolicies(ctx, api, req.caller, catena.FromPolicies)
})

// catenaGetPolicy shows one policy.
var catenaGetPolicy = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return catenaPolicy(api.Keys.GetPolicy(ctx, req.caller, req.id))
})

// catenaUpdatePolicy changes a policy, and so what all its keys may do.
var catenaUpdatePolicy = on(func(ctx context.Context, api API, req request[catena.PolicyBody]) (answer, error) {
	return catenaPolicy(api.Keys.ReplacePolicy(ctx, req.caller, req.id, req.version, req.body.Draft()))
}, forceParameter)

// catenaDeletePolicy deletes a policy with every key that has it. The document
// asks for no confirmation.
var catenaDeletePolicy = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return answer{}, api.Keys.ForceDeletePolicy(ctx, req.caller, req.id, req.version)
}, forceParameter)

func catenaPolicy(policy apikey.Policy, err error) (answer, error) {
	return answer{body: catena.FromPolicy(policy)}, err
}
