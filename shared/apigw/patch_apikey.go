package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// PatchAPIKey changes the fields that the body names.
func PatchAPIKey(api API) Handler {
	return handle(api, "patch-apikey", func(ctx context.Context, req request[canonical.KeyPatch]) (answer, error) {
		return showKey(api.Keys.Patch(ctx, req.caller, req.id, req.version, req.body.Edit()))
	})
}
