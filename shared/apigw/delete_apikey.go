package apigw

import "context"

// deleteAPIKey removes a key for good.
var deleteAPIKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return answer{}, api.Keys.Delete(ctx, req.caller, req.id, req.version)
}, forceParameter)
