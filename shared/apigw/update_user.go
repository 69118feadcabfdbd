package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updateUser replaces all that a caller can write of a user.
var updateUser = on(func(ctx context.Context, api API, req request[canonical.UserBody]) (answer, error) {
	return showUser(api.Keys.ReplaceUser(ctx, req.caller, req.id, req.version, req.body.Draft()))
}, forceParameter)
