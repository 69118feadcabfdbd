package apigw

import (
	"cmp"
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
	filter, err := keyFilter(req.query)
	if err != nil {
		return answer{}, err
	}
	page, err := api.Keys.List(ctx, req.caller, filter, after, limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: canonical.FromPage(page), damaged: page.Damaged}, nil
}, limitParameter, cursorParameter, policyParameter, behalfParameter, creatorParameter, nameParameter)

func keyFilter(query map[string]string) (filter apikey.KeyFilter, err error) {
	err = cmp.Or(
		readParameter(query, policyParameter, "the id of a policy", &filter.Policy, keytext.ParseID),
		readParameter(query, behalfParameter, "the id of a user", &filter.OnBehalfOf, keytext.ParseID),
		readParameter(query, creatorParameter, anActor, &filter.CreatedBy, actorOf),
		readParameter(query, nameParameter, "the name of an API key", &filter.Name, nameOf),
	)
	return filter, err
}
