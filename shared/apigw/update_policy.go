package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updatePolicy replaces all that a caller can write of a policy.
var updatePolicy = on(func(ctx context.Context, api API, req request[canonical.PolicyBody]) (answer, error) {
	return showPolicy(api.Keys.ReplacePolicy(ctx, req.caller, req.id, req.version, req.body.Draft()))
}, forceParameter)
