package apigw

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// deleteService removes a service. Where permissions of it are still held, they
// are taken away after the answer, which says so.
var deleteService = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	left, err := api.Keys.DeleteService(ctx, req.caller, req.name, req.version, req.caller.Force)
	if err != nil || left == 0 {
		return answer{}, err
	}
	return answer{body: canonical.Withdrawal{HoldersLeft: left}, status: http.StatusAccepted}, nil
}, forceParameter)
