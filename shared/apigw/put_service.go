package apigw

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// forceParameter says whether permissions are taken out of all that holds them.
const forceParameter = "force"

// putService registers a service, or replaces it.
var putService = on(func(ctx context.Context, api API, req request[canonical.ServiceBody]) (answer, error) {
	force, err := readBool(req.query, forceParameter)
	if err != nil {
		return answer{}, err
	}
	service, created, err := api.Keys.PutService(ctx, req.caller, req.name, req.version, req.body.Draft(), force)
	if err != nil {
		return answer{}, err
	}
	done := answer{body: canonical.FromRegistered(service), version: service.Version}
	if created {
		done.status, done.location = http.StatusCreated, "."
	}
	return done, nil
}, forceParameter)
