package apigw

import (
	"context"
	"maps"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// maxWholeList is the maximum size of an unpaged list in the function's
// response, in bytes.
const maxWholeList = 5 << 20

// The paged routes of lists that have no pages in other dialects.
const (
	keysPath     = "/v1/apikeys"
	policiesPath = "/v1/policies"
)

// unpaged returns the document's note that an unpaged list may be too long. path
// is the route that has pages.
func unpaged(path string) string {
	return "The list has no pages and is always complete. If it is too long for one answer, about 5 MB, the status is 400: read it in pages at " + path + "."
}

// allKeys returns all of the organization's keys in a dialect whose lists have
// no pages.
//
// Readers take such a list as complete: they recreate a missing key or believe
// it revoked. So a list that does not fit is refused, never cut, and the error
// names the paged route.
func allKeys[F any](ctx context.Context, api API, caller apikey.Caller, form func([]apikey.Key, apikey.Names) F) (answer[F], error) {
	var keys []apikey.Key
	var damaged []apikey.Damage
	names := apikey.Names{Policies: map[uuid.UUID]string{}, Users: map[uuid.UUID]string{}}
	err := whole(keysPath, func(after apikey.Position) (any, *apikey.Position, error) {
		page, err := api.Rules.List(ctx, caller, apikey.KeyFilter{}, after, apikey.NoLimit)
		keys, damaged = append(keys, page.Keys...), append(damaged, page.Damaged...)
		maps.Copy(names.Policies, page.Names.Policies)
		maps.Copy(names.Users, page.Names.Users)
		return form(page.Keys, page.Names), page.Next, err
	})
	if err != nil {
		return answer[F]{}, err
	}
	return answer[F]{body: new(form(keys, names)), damaged: damaged}, nil
}

// allPolicies is [allKeys] for policies.
func allPolicies[F any](ctx context.Context, api API, caller apikey.Caller, form func([]apikey.Policy) F) (answer[F], error) {
	var policies []apikey.Policy
	var damaged []apikey.Damage
	err := whole(policiesPath, func(after uuid.UUID) (any, *uuid.UUID, error) {
		page, err := api.Rules.ListPolicies(ctx, caller, after, apikey.NoLimit)
		policies, damaged = append(policies, page.Records...), append(damaged, page.Damaged...)
		return form(page.Records), page.Next, err
	})
	if err != nil {
		return answer[F]{}, err
	}
	return answer[F]{body: new(form(policies)), damaged: damaged}, nil
}

// whole reads a list page by page to its end, as long as the forms fit into the
// answer. path is the paged route.
func whole[P any](path string, read func(after P) (form any, next *P, err error)) error {
	size := 0
	for next := new(P); next != nil; {
		form, following, err := read(*next)
		if err != nil {
			return err
		}
		text, err := encode(form)
		if err != nil {
			return err
		}
		if size += room(text); size > maxWholeList {
			return &apikey.Error{Kind: apikey.Invalid, Detail: "The list is too long for one answer, and this format has no pages. Read it in pages, at " + path + "."}
		}
		next = following
	}
	return nil
}
