package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// createUser adds a user.
var createUser = on(func(ctx context.Context, api API, req request[canonical.UserBody]) (answer, error) {
	user, err := api.Keys.CreateUser(ctx, req.caller, req.body.Draft())
	return answer{body: canonical.FromUser(user, apikey.Names{}), version: user.Version, location: user.ID.String()}, err
})
