package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// listPolicies shows the organization's policies, a page at a time.
var listPolicies = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	after, limit, err := pageOf(req.query, canonical.ParseIDCursor)
	if err != nil {
		return answer{}, err
	}
	page, err := api.Keys.ListPolicies(ctx, req.caller, after, limit)
	return answer{body: canonical.FromPolicies(page), damaged: page.Damaged}, err
}, limitParameter, cursorParameter)
