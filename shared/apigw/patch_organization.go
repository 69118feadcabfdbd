package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// patchOrganization changes the settings that the body names.
var patchOrganization = on(func(ctx context.Context, api API, req request[canonical.SettingsPatch]) (answer, error) {
	return showOrganization(api.Keys.ChangeSettings(ctx, req.caller, req.version, req.body.Edit()))
})
