package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
)

// The parameters that filter keys.
const (
	policyParameter  = "policyId"
	behalfParameter  = "onBehalfOf"
	creatorParameter = "createdBy"
	nameParameter    = "name"
)

// listAPIKeys shows the organization's keys, a page at a time.
var listAPIKeys = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	after, limit, err := pageOf(req.query, canonical.ParseCursor)
	if err != nil {
		return answer{}, err
	}
	filter := apikey.KeyFilter{CreatedBy: req.query[creatorParameter], Name: req.query[nameParameter]}
	if err := readParameter(req.query, policyParameter, "an id", &filter.Policy, keytext.ParseID); err != nil {
		return answer{}, err
	}
	if err := readParameter(req.query, behalfParameter, "an id", &filter.OnBehalfOf, keytext.ParseID); err != nil {
		return answer{}, err
	}
	page, err := api.Keys.List(ctx, req.caller, filter, after, limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: canonical.FromPage(page), damaged: page.Damaged}, nil
}, limitParameter, cursorParameter, policyParameter, behalfParameter, creatorParameter, nameParameter)
