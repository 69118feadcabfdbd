package apikey

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// MaxPage is the largest limit of a page, besides [NoLimit].
const MaxPage = 100

// Page is one part of a listing of keys.
type Page struct {
	Keys []Key
	// Next is where the next page starts; nil at the end.
	Next *Position
	// Damaged are records that are left out because they cannot be read.
	Damaged []Damage
	Names   Names
}

// Names holds what is shown of a record besides its own fields: the names of ids
// that it mentions. Ids of policies and users that no longer exist are missing.
type Names struct {
	// Policies holds names, Users e-mail addresses.
	Policies, Users map[uuid.UUID]string
	// LastUses holds the last uses of keys. Only [Rules.GetWithUse] and
	// [Rules.List] fill it.
	LastUses map[uuid.UUID]LastUse
}

func checkLimit(limit int) error {
	if limit < 1 || limit > MaxPage && limit != NoLimit {
		return InvalidError(FieldError{"limit", FieldValue, "limit must be a whole number from 1 to 100."})
	}
	return nil
}

// List returns keys of the caller's organization that match the filter, in order
// of creation, and when they were last used. The limit is from 1 to [MaxPage],
// or [NoLimit]. A user without a permission to see keys gets their own personal
// keys. As with every listing, a page can be short or empty without being the
// last. Errors: [Unauthenticated], [Forbidden], [Invalid], [Unavailable].
func (r *Rules) List(ctx context.Context, by Caller, filter KeyFilter, after Position, limit int) (page Page, err error) {
	return r.Find(ctx, by, KeyQuery{KeyFilter: filter}, after, limit)
}

// authorizeKeyList returns whose keys the caller can list, as
// [Caller.listableOwner] does, or [Forbidden].
func (r *Rules) authorizeKeyList(ctx context.Context, by Caller) (whose uuid.UUID, err error) {
	who, err := r.authenticate(ctx, by, nil)
	if err != nil {
		return whose, err
	}
	var own uuid.UUID
	if self := who.selfServiceUser(); self != nil {
		own = self.ID
	}
	whose, ok := by.listableOwner(who.grant.Permissions, own)
	if !ok {
		return whose, forbiddenError()
	}
	return whose, nil
}

// visible returns those of the keys that the caller can list.
func (who principal) visible(keys []Key) []Key {
	if who.grant.Permissions.HasAny(who.viewPermissions()...) {
		return keys
	}
	return slices.DeleteFunc(keys, func(key Key) bool { return !who.owns(key) })
}

// showOrphan shows a personal key as disabled if its user is gone, because
// nobody can use it then. Removing a user disables the keys that a listing
// shows, which may miss one that was created just before.
func (k *Key) showOrphan(names Names) {
	if _, exists := names.Users[k.OnBehalfOf]; k.Type == TypePersonal && !exists {
		k.Disabled = true
	}
}

// listAuthorized returns what read finds for a caller who holds any of the
// permissions. It reads while the caller is authorized. If both fail, it returns
// the caller's error.
func listAuthorized[T any](ctx context.Context, r *Rules, by Caller, permissions []string, read func() (T, error)) (T, error) {
	var found, none T
	err := concurrently(func() error { _, err := r.authorize(ctx, by, permissions); return err }, func() (err error) {
		found, err = read()
		return err
	})
	if err != nil {
		return none, err
	}
	return found, nil
}

// Get returns one key that the caller may see. Errors: [Unauthenticated],
// [Forbidden], [NotFound], [Unavailable].
func (r *Rules) Get(ctx context.Context, by Caller, id uuid.UUID) (Key, Names, error) {
	return r.get(ctx, by, id)
}

// GetWithUse is [Rules.Get], and also returns when the key was last used. A last
// use that cannot be read is left out.
func (r *Rules) GetWithUse(ctx context.Context, by Caller, id uuid.UUID) (Key, Names, error) {
	return r.get(ctx, by, id, LastUseRef(id))
}

// get returns one key and what is shown with it, which it reads together with
// refs.
func (r *Rules) get(ctx context.Context, by Caller, id uuid.UUID, refs ...Ref) (Key, Names, error) {
	who, key, err := r.authorizeKeyRead(ctx, by, id, nil, refs...)
	if err != nil {
		return Key{}, Names{}, err
	}
	names := who.view.names(key)
	if use, err := who.view.found.LastUse(id); err == nil {
		names.LastUses = map[uuid.UUID]LastUse{id: use}
	}
	if _, err := who.view.found.User(key.Org, key.OnBehalfOf); err != nil && KindOf(err) == NotFound {
		key.showOrphan(names)
	}
	return key, names, nil
}

// Self describes the caller as it is now.
type Self struct {
	Organization OrgID
	// Key is nil for a caller with an access token, User for a key that acts
	// for itself.
	Key  *Key
	User *User
	// Permissions are the ones in effect.
	Permissions permission.Set
}

// WhoAmI returns who the caller is. Errors: [Unauthenticated], [Unavailable].
func (r *Rules) WhoAmI(ctx context.Context, by Caller) (Self, error) {
	who, err := r.authenticate(ctx, by, nil)
	if err != nil {
		return Self{}, err
	}
	return Self{who.Org, who.key, who.grant.User, who.grant.Permissions}, nil
}

// Catalogue returns the permissions of the caller's organization, by name.
// Errors: [Unauthenticated], [Forbidden], [Unavailable].
func (r *Rules) Catalogue(ctx context.Context, by Caller) ([]Permission, error) {
	who, err := r.authorize(ctx, by, []string{permission.AdministerAPIKeys, permission.ManageAPIKeys, permission.AdministerPolicies, permission.AdministerUsers, permission.AdministerServices})
	if err != nil {
		return nil, err
	}
	org, err := who.view.Organization(ctx)
	return org.Catalogue(), err
}

// names returns the names that belong to the ids in keys, as far as the view
// has read them.
func (v *view) names(keys ...Key) Names {
	n := Names{Policies: map[uuid.UUID]string{}, Users: map[uuid.UUID]string{}}
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
