package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// whoAmI shows the caller: its key, the user as whom it acts, what it may do.
var whoAmI = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	self, err := api.Keys.WhoAmI(ctx, req.caller)
	if err != nil {
		return answer{}, err
	}
	done := answer{body: canonical.FromSelf(self)}
	if self.Key != nil {
		done.version = self.Key.Version
	}
	return done, nil
})
