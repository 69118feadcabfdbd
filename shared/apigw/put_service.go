package apigw

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// putService registers a service, or replaces it.
var putService = on(func(ctx context.Context, api API, req request[canonical.ServiceBody]) (answer, error) {
	service, created, err := api.Keys.PutService(ctx, req.caller, req.name, req.version, req.body.Draft(), req.caller.Force)
	if err != nil {
		return answer{}, err
	}
	done := answer{body: canonical.FromRegistered(service), version: service.Version}
	if created {
		done.status, done.location = http.StatusCreated, "."
	}
	return done, nil
}, forceParameter)
