package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// GetAPIKey shows one key.
func GetAPIKey(api API) Handler {
	return handle(api, "get-apikey", func(ctx context.Context, req request[none]) (answer, error) {
		return showKey(api.Keys.Get(ctx, req.caller, req.id))
	})
}

// showKey is the answer of an operation whose result is a key.
func showKey(key apikey.Key, err error) (answer, error) {
	return answer{body: canonical.FromKey(key), version: key.Version}, err
}
