package apigw

import (
	"context"
	"fmt"
	"maps"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// maxWholeList is how many things a dialect without pages shows at most: what an
// answer through API Gateway has room for.
const maxWholeList = 5000

// allKeys are the organization's keys, with the names that they mention, for
// dialects whose lists have no pages.
func allKeys(ctx context.Context, api API, caller apikey.Caller) ([]apikey.Key, apikey.Names, error) {
	names := apikey.Names{Policies: map[keytext.ID]string{}, Users: map[keytext.ID]string{}}
	var keys []apikey.Key
	var after apikey.Position
	for {
		page, err := api.Keys.List(ctx, caller, apikey.KeyFilter{}, after, apikey.MaxPage)
		if err != nil {
			return nil, names, err
		}
		keys = append(keys, page.Keys...)
		maps.Copy(names.Policies, page.Names.Policies)
		maps.Copy(names.Users, page.Names.Users)
		switch {
		case page.Next == nil:
			return keys, names, nil
		case len(keys) >= maxWholeList:
			return nil, names, tooMany("/v1/apikeys")
		}
		after = *page.Next
	}
}

// allPolicies are the organization's policies, for dialects whose lists have no
// pages.
func allPolicies(ctx context.Context, api API, caller apikey.Caller) ([]apikey.Policy, error) {
	var policies []apikey.Policy
	var after keytext.ID
	for {
		page, err := api.Keys.ListPolicies(ctx, caller, after, apikey.MaxPage)
		if err != nil {
			return nil, err
		}
		policies = append(policies, page.Policies...)
		switch {
		case page.Next == nil:
			return policies, nil
		case len(policies) >= maxWholeList:
			return nil, tooMany("/v1/policies")
		}
		after = *page.Next
	}
}

func tooMany(path string) error {
	return &apikey.Error{Kind: apikey.Invalid, Detail: fmt.Sprintf("The list is longer than %d. Read it in pages, at %s.", maxWholeList, path)}
}
