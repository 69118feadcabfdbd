package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getUser shows one user.
var getUser = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return showUser(api.Keys.GetUser(ctx, req.caller, req.id))
})

// showUser is the answer of an operation whose result is a user.
func showUser(user apikey.User, err error) (answer, error) {
	return answer{body: canonical.FromUser(user, apikey.Names{}), version: user.Version}, err
}
