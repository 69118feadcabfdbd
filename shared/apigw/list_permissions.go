package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// listPermissions shows the organization's catalogue.
var listPermissions = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	catalogue, err := api.Keys.Catalogue(ctx, req.caller)
	return answer{body: canonical.FromCatalogue(catalogue)}, err
})
