package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getAPIKey shows one key.
var getAPIKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return showKey(api.Keys.Get(ctx, req.caller, req.id))
})

// showKey is the answer of an operation whose result is a key.
func showKey(key apikey.Key, names apikey.Names, err error) (answer, error) {
	return answer{body: canonical.FromKey(key, names), version: key.Version}, err
}
