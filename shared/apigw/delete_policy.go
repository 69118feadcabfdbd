package apigw

import "context"

// confirmParameter has what an earlier answer of [deletePolicy] asked for.
const confirmParameter = "confirm"

// deletePolicy removes a policy, with the keys that have it where the caller
// confirms that.
var deletePolicy = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return answer{}, api.Keys.DeletePolicy(ctx, req.caller, req.id, req.version, req.query[confirmParameter])
}, confirmParameter, forceParameter)
