package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// updateOrganization replaces the organization's settings.
var updateOrganization = on(func(ctx context.Context, api API, req request[canonical.SettingsBody]) (answer, error) {
	return showOrganization(api.Keys.ReplaceSettings(ctx, req.caller, req.version, req.body.Settings()))
})
