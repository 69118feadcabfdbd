package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// UpdateAPIKey replaces all that a caller can write of a key.
func UpdateAPIKey(api API) Handler {
	return handle(api, "update-apikey", func(ctx context.Context, req request[canonical.KeyBody]) (answer, error) {
		return showKey(api.Keys.Replace(ctx, req.caller, req.id, req.version, req.body.Draft()))
	})
}
