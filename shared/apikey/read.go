package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// MaxPage is the largest number of keys in one page of a listing.
const MaxPage = 100

// Page is a part of a listing.
type Page struct {
	Keys []Key
	// Next is where the next page starts; nil after the last.
	Next *Position
}

// List returns up to limit keys of the caller's organization, in order of
// creation. The limit must be from 1 to [MaxPage]. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [Unavailable].
func (k *Keys) List(ctx context.Context, by Caller, after Position, limit int) (Page, error) {
	if limit < 1 || limit > MaxPage {
		return Page{}, invalid(FieldError{"limit", FieldValue, "limit is a whole number from 1 to 100."})
	}
	own, err := k.manager(ctx, by)
	if err != nil {
		return Page{}, err
	}
	keys, more, err := k.Store.Keys(ctx, own.Org, after, limit)
	if err != nil {
		return Page{}, err
	}
	page := Page{Keys: keys}
	if more && len(keys) > 0 {
		last := keys[len(keys)-1]
		page.Next = &Position{last.CreatedOn, last.ID}
	}
	return page, nil
}

// Get returns one key that the caller manages. Errors: [Unauthenticated],
// [Forbidden], [NotFound], [Unavailable].
func (k *Keys) Get(ctx context.Context, by Caller, id keytext.ID) (Key, error) {
	_, key, err := k.manages(ctx, by, id)
	return key, err
}

// WhoAmI returns the caller's own key. Errors: [Unauthenticated],
// [Unavailable].
func (k *Keys) WhoAmI(ctx context.Context, by Caller) (Key, error) {
	return k.current(ctx, by)
}

// Catalogue returns the permissions of the caller's organization, by name.
// Errors: [Unauthenticated], [Forbidden], [Unavailable].
func (k *Keys) Catalogue(ctx context.Context, by Caller) ([]Permission, error) {
	own, err := k.manager(ctx, by)
	if err != nil {
		return nil, err
	}
	org, err := k.organization(ctx, own.Org)
	return org.Catalogue(), err
}

// organization reads an organization that a valid key names. That it is missing
// is damage, not an answer.
func (k *Keys) organization(ctx context.Context, id OrgID) (Organization, error) {
	org, err := k.Store.Organization(ctx, id)
	if err != nil && KindOf(err) == NotFound {
		return Organization{}, Failed("read the organization of a valid key", err)
	}
	return org, err
}
