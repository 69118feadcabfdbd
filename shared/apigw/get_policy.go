package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getPolicy shows one policy.
var getPolicy = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return showPolicy(api.Keys.GetPolicy(ctx, req.caller, req.id))
})

// showPolicy is the answer of an operation whose result is a policy.
func showPolicy(policy apikey.Policy, err error) (answer, error) {
	return answer{body: canonical.FromPolicy(policy), version: policy.Version}, err
}
