package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// CreateAPIKey makes a key, and shows it whole this once.
func CreateAPIKey(api API) Handler {
	return handle(api, "create-apikey", func(ctx context.Context, req request[canonical.KeyBody]) (answer, error) {
		minted, err := api.Keys.Create(ctx, req.caller, req.body.Draft())
		if err != nil {
			return answer{}, err
		}
		wire := canonical.FromMinted(minted)
		return answer{body: wire, version: minted.Key.Version, location: wire.ID}, nil
	})
}
