package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updateAPIKey replaces all that a caller can write of a key.
var updateAPIKey = on(func(ctx context.Context, api API, req request[canonical.KeyBody]) (answer, error) {
	return showKey(api.Keys.Replace(ctx, req.caller, req.id, req.version, req.body.Draft()))
})
