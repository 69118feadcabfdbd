package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updateAPIKey replaces what a key is called and granted. Limits that the body
// does not name stay.
var updateAPIKey = on(func(ctx context.Context, api API, req request[canonical.KeyPutBody]) (answer, error) {
	return showKey(api.Keys.Patch(ctx, req.caller, req.id, req.version, req.body.Edit()))
}, forceParameter)
