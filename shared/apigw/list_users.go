package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// listUsers shows the organization's users, a page at a time.
var listUsers = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	after, limit, err := pageOf(req.query, canonical.ParseIDCursor)
	if err != nil {
		return answer{}, err
	}
	page, err := api.Keys.ListUsers(ctx, req.caller, after, limit)
	return answer{body: canonical.FromUsers(page), damaged: page.Damaged}, err
}, limitParameter, cursorParameter)
