package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updateOrganization replaces the organization's settings. Those that bound keys
// stay where the body does not name them.
var updateOrganization = on(func(ctx context.Context, api API, req request[canonical.SettingsBody]) (answer, error) {
	return showOrganization(api.Keys.ChangeSettings(ctx, req.caller, req.version, req.body.Edit()))
})
