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
	if err := checkLimit(limit); err != nil {
		return Page{}, err
	}
	who, err := k.allowed(ctx, by, by.visible()...)
	if err != nil {
		return Page{}, err
	}
	keys, more, err := k.Store.Keys(ctx, who.Org, filter, after, limit)
	if err != nil {
		return Page{}, err
	}
	page := Page{Keys: keys}
	if more && len(keys) > 0 {
		last := keys[len(keys)-1]
		page.Next = &Position{last.CreatedOn, last.ID}
	}
	page.Names, err = k.names(ctx, keys...)
	return page, err
}

// Get returns one key that the caller may see. Errors: [Unauthenticated],
// [Forbidden], [NotFound], [Unavailable].
func (k *Keys) Get(ctx context.Context, by Caller, id keytext.ID) (Key, Names, error) {
	_, key, err := k.finds(ctx, by, id)
	if err != nil {
		return Key{}, Names{}, err
	}
	names, err := k.names(ctx, key)
	return key, names, err
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
	who, err := k.current(ctx, by)
	if err != nil {
		return Self{}, err
	}
	return Self{who.Org, who.key, who.grant.User, who.grant.Permissions}, nil
}

// Catalogue returns the permissions of the caller's organization, by name.
// Errors: [Unauthenticated], [Forbidden], [Unavailable].
func (k *Keys) Catalogue(ctx context.Context, by Caller) ([]Permission, error) {
	who, err := k.allowed(ctx, by, AdministerAPIKeys, ManageAPIKeys, AdministerPolicies, AdministerUsers, AdministerServices)
	if err != nil {
		return nil, err
	}
	org, err := k.organization(ctx, who.Org)
	return org.Catalogue(), err
}

// organization reads an organization that a valid key names. That it is missing
// is damage, not an answer.
func (k *Keys) organization(ctx context.Context, id OrgID) (Organization, error) {
	org, err := k.Store.Organization(ctx, id)
	if err != nil {
		return Organization{}, missing("read the organization of a valid key", err)
	}
	return org, nil
}

// names finds the names beside the ids that keys mention, each read once.
func (k *Keys) names(ctx context.Context, keys ...Key) (Names, error) {
	n := Names{Policies: map[keytext.ID]string{}, Users: map[keytext.ID]string{}}
	for _, key := range keys {
		if err := k.policyName(ctx, n, key.Org, key.Policy); err != nil {
			return Names{}, err
		}
		if err := k.userName(ctx, n, key.Org, key.OnBehalfOf); err != nil {
			return Names{}, err
		}
	}
	return n, nil
}

func (k *Keys) policyName(ctx context.Context, n Names, org OrgID, id keytext.ID) error {
	if _, known := n.Policies[id]; known || id.IsZero() {
		return nil
	}
	policy, err := k.Store.Policy(ctx, org, id)
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	n.Policies[id] = policy.Name
	return nil
}

func (k *Keys) userName(ctx context.Context, n Names, org OrgID, id keytext.ID) error {
	if _, known := n.Users[id]; known || id.IsZero() {
		return nil
	}
	user, err := k.Store.User(ctx, org, id)
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	n.Users[id] = user.Email
	return nil
}
