package apikey

import (
	"context"
	"sync"

	"github.com/keyward/keyward/shared/keytext"
)

// MaxPage is the largest number of things in one page of a listing.
const MaxPage = 100

// Page is a part of a listing of keys.
type Page struct {
	Keys []Key
	// Next is where the next page starts; nil after the last.
	Next *Position
	// Damaged are records that cannot be read and so are left out.
	Damaged []Damage
	Names   Names
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
	var part Listed[Key, Position]
	who, err := k.listing(ctx, by, by.visible(), func() (err error) {
		part, err = k.Store.Keys(ctx, by.Org, filter, after, limit)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if err := who.view.readNamed(ctx, part.Records, nil); err != nil {
		return Page{}, err
	}
	return Page{part.Records, part.Next, part.Damaged, who.view.names(part.Records...)}, nil
}

// listing is [Keys.allowed] for a caller of a listing, which read makes at the
// same time: neither waits for the other. Where both fail, the caller's error is
// the answer. A panic of read goes on in the caller, who may recover.
func (k *Keys) listing(ctx context.Context, by Caller, permissions []string, read func() error) (who acting, err error) {
	var failed error
	var crash any
	var listed sync.WaitGroup
	listed.Go(func() {
		defer func() { crash = recover() }()
		failed = read()
	})
	who, err = k.allowed(ctx, by, permissions)
	listed.Wait()
	if crash != nil {
		panic(crash)
	}
	if err == nil {
		err = failed
	}
	return who, err
}

// Get returns one key that the caller may see. Errors: [Unauthenticated],
// [Forbidden], [NotFound], [Unavailable].
func (k *Keys) Get(ctx context.Context, by Caller, id keytext.ID) (Key, Names, error) {
	who, key, err := k.finds(ctx, by, id)
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
	who, err := k.current(ctx, by)
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
