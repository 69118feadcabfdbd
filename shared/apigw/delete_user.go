package apigw

import "context"

// deleteUser removes a user, and disables the personal keys.
var deleteUser = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return answer{}, api.Keys.DeleteUser(ctx, req.caller, req.id, req.version)
}, forceParameter)
