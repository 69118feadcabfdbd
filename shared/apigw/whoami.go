package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// WhoAmI shows the caller's own key.
func WhoAmI(api API) Handler {
	return handle(api, "whoami", func(ctx context.Context, req request[none]) (answer, error) {
		key, err := api.Keys.WhoAmI(ctx, req.caller)
		return answer{body: canonical.WhoAmI{APIKey: canonical.FromKey(key), OrgID: string(key.Org)}, version: key.Version}, err
	})
}
