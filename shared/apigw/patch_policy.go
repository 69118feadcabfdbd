package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// patchPolicy changes the members of a policy that the body names.
var patchPolicy = on(func(ctx context.Context, api API, req request[canonical.PolicyPatch]) (answer, error) {
	return showPolicy(api.Keys.PatchPolicy(ctx, req.caller, req.id, req.version, req.body.Edit()))
}, forceParameter)
