package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// ListPermissions shows the organization's catalogue.
func ListPermissions(api API) Handler {
	return handle(api, "list-permissions", func(ctx context.Context, req request[none]) (answer, error) {
		catalogue, err := api.Keys.Catalogue(ctx, req.caller)
		return answer{body: canonical.FromCatalogue(catalogue)}, err
	})
}
