package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// createPolicy makes a policy.
var createPolicy = on(func(ctx context.Context, api API, req request[canonical.PolicyBody]) (answer, error) {
	policy, err := api.Keys.CreatePolicy(ctx, req.caller, req.body.Draft())
	return answer{body: canonical.FromPolicy(policy), version: policy.Version, location: policy.ID.String()}, err
})
