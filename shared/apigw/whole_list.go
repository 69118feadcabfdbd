package apigw

import (
	"context"
	"maps"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// maxWholeList is how many bytes a list without pages has at most in what the
// function gives back.
const maxWholeList = 5 << 20

// Where the lists have pages that have none in other dialects.
const (
	keysPath     = "/v1/apikeys"
	policiesPath = "/v1/policies"
)

// unpaged says in the document that a list without pages may be too long; the path is
// where it has pages.
func unpaged(path string) string {
	return " The list has no pages and is never cut: one that is too long for an answer, about 5 MB, is refused with 400. Read it at " + path + "."
}

// allKeys answers with all of the organization's keys, in the form of a dialect
// whose lists have no pages.
//
// Who reads such a list takes it for all there is: a key that it does not show
// is one to be made again, or one that was revoked. So a list for which no
// answer has room is refused, with the place where it can be read in pages, and
// not cut.
func allKeys[F any](ctx context.Context, api API, caller apikey.Caller, form func([]apikey.Key, apikey.Names) F) (answer[F], error) {
	var keys []apikey.Key
	var damaged []apikey.Damage
	names := apikey.Names{Policies: map[keytext.ID]string{}, Users: map[keytext.ID]string{}}
	err := whole(keysPath, func(after apikey.Position) (any, *apikey.Position, error) {
		page, err := api.Keys.List(ctx, caller, apikey.KeyFilter{}, after, apikey.NoLimit)
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

// allPolicies is [allKeys] for the organization's policies.
func allPolicies[F any](ctx context.Context, api API, caller apikey.Caller, form func([]apikey.Policy) F) (answer[F], error) {
	var policies []apikey.Policy
	var damaged []apikey.Damage
	err := whole(policiesPath, func(after keytext.ID) (any, *keytext.ID, error) {
		page, err := api.Keys.ListPolicies(ctx, caller, after, apikey.NoLimit)
		policies, damaged = append(policies, page.Policies...), append(damaged, page.Damaged...)
		return form(page.Policies), page.Next, err
	})
	if err != nil {
		return answer[F]{}, err
	}
	return answer[F]{body: new(form(policies)), damaged: damaged}, nil
}

// whole reads a list to its end, a page after the other, as long as the answer
// has room for their forms. The path is where the list has pages.
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
