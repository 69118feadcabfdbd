package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// listServices shows the organization's services, a page at a time.
var listServices = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	after, limit, err := pageOf(req.query, canonical.ParseNameCursor)
	if err != nil {
		return answer{}, err
	}
	page, err := api.Keys.ListServices(ctx, req.caller, after, limit)
	return answer{body: canonical.FromServices(page), damaged: page.Damaged}, err
}, limitParameter, cursorParameter)
