package apigw

import "context"

// deleteService removes a service.
var deleteService = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	force, err := readBool(req.query, forceParameter)
	if err != nil {
		return answer{}, err
	}
	return answer{}, api.Keys.DeleteService(ctx, req.caller, req.name, req.version, force)
}, forceParameter)
