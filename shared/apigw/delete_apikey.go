package apigw

import "context"

// DeleteAPIKey removes a key for good.
func DeleteAPIKey(api API) Handler {
	return handle(api, "delete-apikey", func(ctx context.Context, req request[none]) (answer, error) {
		return answer{}, api.Keys.Delete(ctx, req.caller, req.id, req.version)
	})
}
