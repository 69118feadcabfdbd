package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Bootstrap makes an organization and all that it needs, its first admin key
// included. It can be run again.
func Bootstrap(api API) DirectHandler {
	return direct(api, "bootstrap", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Setup
		if err := apikeyInvalid(strict.Decode(event, &form)); err != nil {
			return nil, err
		}
		result, err := api.Keys.Bootstrap(ctx, form.Setup())
		if err != nil {
			return nil, err
		}
		return canonical.FromSetup(result), nil
	})
}
