package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// patchAPIKey changes the fields that the body names.
var patchAPIKey = on(func(ctx context.Context, api API, req request[canonical.KeyPatch]) (answer, error) {
	return showKey(api.Keys.Patch(ctx, req.caller, req.id, req.version, req.body.Edit()))
}, forceParameter)
