package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// SuspendOrganization stops an organization, or ends that. It can be run again.
func SuspendOrganization(api API) DirectHandler {
	return direct(api, "suspend-organization", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Suspension
		if err := apikeyInvalid(strict.Decode(event, &form)); err != nil {
			return nil, err
		}
		status, err := api.Keys.Suspend(ctx, form.Suspension())
		if err != nil {
			return nil, err
		}
		return canonical.FromStatus(status), nil
	})
}
