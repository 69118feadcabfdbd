package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// createAPIKey makes a key, and shows it whole this once.
var createAPIKey = on(func(ctx context.Context, api API, req request[canonical.KeyBody]) (answer, error) {
	minted, err := api.Keys.Create(ctx, req.caller, req.body.Draft())
	if err != nil {
		return answer{}, err
	}
	form := canonical.FromMinted(minted)
	return answer{body: form, version: minted.Key.Version, location: form.ID}, nil
})
