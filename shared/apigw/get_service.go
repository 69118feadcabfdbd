package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getService shows one service.
var getService = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	service, err := api.Keys.GetService(ctx, req.caller, req.name)
	return answer{body: canonical.FromServiceWarned(service, service.Warnings()), version: service.Version}, err
})
