package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// patchUser changes the members of a user that the body names.
var patchUser = on(func(ctx context.Context, api API, req request[canonical.UserPatch]) (answer, error) {
	return showUser(api.Keys.PatchUser(ctx, req.caller, req.id, req.version, req.body.Edit()))
}, forceParameter)
