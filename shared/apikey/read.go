package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// MaxPage is the largest number of things in one page of a listing.
const MaxPage = 100

// Page is a part of a listing of keys.
type Page struct {
	Keys []Key
	// Next is where the next page starts; nil after the last.
	Next  *Position
	Names Names
}

// Names are the names beside the ids that records mention, as far as what they
// name still exists.
type Names struct {
	// Policies holds names, Users e-mail addresses.
	Policies, Users map[keytext.ID]string
}

func checkLimit(limit int) error {
	if limit < 1 || limit > MaxPage {
		return invalid(FieldError{"limit", FieldValue, "limit is a whole number from 1 to 100."})
	}
	return nil
}

// List returns up to limit keys of the caller's organization that the filter
// lets pass, in order of creation. The limit must be from 1 to [MaxPage].
// Errors: [Unauthenticated], [Forbidden], [Invalid], [Unavailable].
func (k *Keys) List(ctx context.Context, by Caller, filter KeyFilter, after Position, limit int) (Page, error) {
	var page Page
	if err := checkLimit(limit); err != nil {
		return page, err
	}
	var more bool
	who, err := k.listing(ctx, by, by.visible(), func() (err error) {
		page.Keys, more, err = k.Store.Keys(ctx, by.Org, filter, after, limit)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if more && len(page.Keys) > 0 {
		last := page.Keys[len(page.Keys)-1]
		page.Next = &Position{last.CreatedOn, last.ID}
	}
	if err := who.view.readNamed(ctx, page.Keys, nil); err != nil {
		return Page{}, err
	}
	page.Names = who.view.names(page.Keys...)
	return page, nil
}

// listing is [Keys.allowed] for a caller of a listing, which read makes at the
// same time: neither waits for the other. Where both fail, the caller's error is
// the answer.
func (k *Keys) listing(ctx context.Context, by Caller, permissions []string, read func() error) (who acting, err error) {
	err = together(func() (err error) { who, err = k.allowed(ctx, by, permissions); return err }, read)
	return who, err
}

// Get returns one key that the caller may see. Errors: [Unauthenticated],
// [Forbidden], [NotFound], [Unavailable].
func (k *Keys) Get(ctx context.Context, by Caller, id keytext.ID) (Key, Names, error) {
	who, key, err := k.finds(ctx, by, id, nil)
	if err != nil {
		return Key{}, Names{}, err
	}
	return key, who.view.names(key), nil
}

// Self is the caller as Keyward knows it now.
type Self struct {
	Organization OrgID
	// Key is nil for a caller with an access token, User for a key that acts
	// for itself.
	Key  *Key
	User *User
	// Permissions are those in effect.
	Permissions Permissions
}

// WhoAmI returns who the caller is. Errors: [Unauthenticated], [Unavailable].
func (k *Keys) WhoAmI(ctx context.Context, by Caller) (Self, error) {
	who, err := k.current(ctx, by, nil)
	if err != nil {
		return Self{}, err
	}
	return Self{who.Org, who.key, who.grant.User, who.grant.Permissions}, nil
}

// Catalogue returns the permissions of the caller's organization, by name.
// Errors: [Unauthenticated], [Forbidden], [Unavailable].
func (k *Keys) Catalogue(ctx context.Context, by Caller) ([]Permission, error) {
	who, err := k.allowed(ctx, by, []string{AdministerAPIKeys, ManageAPIKeys, AdministerPolicies, AdministerUsers, AdministerServices})
	if err != nil {
		return nil, err
	}
	org, err := who.view.Organization(ctx)
	return org.Catalogue(), err
}

// readNamed reads what keys and users name, all at once.
func (v *view) readNamed(ctx context.Context, keys []Key, users []User) error {
	var refs []Ref
	for _, key := range keys {
		refs = append(refs, PolicyRef(v.org, key.Policy), UserRef(v.org, key.OnBehalfOf))
	}
	for _, user := range users {
		refs = append(refs, PolicyRef(v.org, user.Policy))
	}
	return v.read(ctx, refs...)
}

// names are the names beside the ids that keys mention, as far as the view has
// read what those name.
func (v *view) names(keys ...Key) Names {
	n := Names{Policies: map[keytext.ID]string{}, Users: map[keytext.ID]string{}}
	for _, key := range keys {
		if policy, err := v.found.Policy(v.org, key.Policy); err == nil {
			n.Policies[policy.ID] = policy.Name
		}
		if user, err := v.found.User(v.org, key.OnBehalfOf); err == nil {
			n.Users[user.ID] = user.Email
		}
	}
	return n
}
