package apikey

import (
	"context"
	"net/netip"

	"github.com/keyward/keyward/shared/keytext"
)

// Caller is who asks, as the authorizer found out, and from where.
type Caller struct {
	Org OrgID
	// Key is the caller's key; zero for a caller with an access token, who is
	// the User then.
	Key, User keytext.ID
	// Source is the address that the gateway saw; zero where it is unknown.
	Source               netip.Addr
	UserAgent, RequestID string
	// Scoped says that the caller came where the scopes of the Supermetrics
	// document count like the permissions of the Polaris document.
	Scoped bool
}

// acting is a caller as it is now: not what the gateway knew a moment earlier.
type acting struct {
	Caller
	// key is nil for a caller with an access token.
	key   *Key
	grant Grant
	actor Actor
}

// current reads the caller as it is now. One that is gone, is no longer valid,
// or is of another organization than the gateway said, is [Unauthenticated].
func (k *Keys) current(ctx context.Context, by Caller) (acting, error) {
	who := acting{Caller: by}
	if by.Org == "" || by.Key.IsZero() == by.User.IsZero() {
		return acting{}, NotAuthenticated()
	}
	if by.Key.IsZero() {
		user, err := k.Store.User(ctx, by.Org, by.User)
		if err != nil {
			return acting{}, dead(err)
		}
		if who.grant, err = ResolveUser(ctx, k.Store, user); err != nil {
			return acting{}, err
		}
		who.actor = user.Actor()
		return who, nil
	}
	key, err := k.Store.Key(ctx, by.Key)
	if err != nil {
		return acting{}, dead(err)
	}
	if key.Org != by.Org || !key.Live(k.Now()) {
		return acting{}, NotAuthenticated()
	}
	if who.grant, err = Resolve(ctx, k.Store, &key); err != nil {
		return acting{}, err
	}
	who.key, who.actor = &key, key.Actor()
	if who.grant.User != nil {
		who.actor = who.grant.User.Actor()
	}
	return who, nil
}

// allowed is the caller as it is now, if it holds any of the permissions.
func (k *Keys) allowed(ctx context.Context, by Caller, permissions ...string) (acting, error) {
	who, err := k.current(ctx, by)
	if err != nil {
		return acting{}, err
	}
	if !who.grant.Permissions.HasAny(permissions...) {
		return acting{}, forbidden()
	}
	return who, nil
}

// owner reports whether the caller acts as an OWNER with all that this gives.
func (who acting) owner() bool {
	narrowed := who.key != nil && who.key.Narrowed
	return who.grant.User != nil && who.grant.User.Role == RoleOwner && !narrowed
}

// requires are the conditions under which the caller is still what it was.
func (who acting) requires() []Write {
	var writes []Write
	if who.key != nil {
		writes = append(writes, RequireKey{who.key.ID, who.key.Version})
	}
	if user := who.grant.User; user != nil {
		writes = append(writes, RequireUser{who.Org, user.ID, user.Version})
	}
	for _, policy := range who.grant.Policies {
		writes = append(writes, RequirePolicy{who.Org, policy.ID, policy.Version})
	}
	return writes
}

// mayGrant refuses a grant of anything that the caller does not hold.
func (who acting) mayGrant(added Permissions) error {
	lacking := added.Without(who.grant.Permissions)
	if len(lacking) == 0 {
		return nil
	}
	err := &Error{Kind: NotHeld, Detail: "Only permissions that the caller holds can be granted."}
	for _, name := range lacking {
		err.Fields = append(err.Fields, FieldError{"permissions", FieldNotHeld, "You do not hold " + name + "."})
	}
	return err
}

// visible, creatable and manageable are the permissions to see the
// organization's keys, to make some, and to manage those of others as well (the
// Polaris document); readable is enough to see those of others.
func (by Caller) visible() []string {
	return by.orScopes([]string{AdministerAPIKeys, ManageAPIKeys}, ReadAPIKeysScope, WriteAPIKeysScope)
}

func (by Caller) creatable() []string {
	return by.orScopes([]string{AdministerAPIKeys, ManageAPIKeys}, WriteAPIKeysScope)
}

func (by Caller) manageable() []string {
	return by.orScopes([]string{AdministerAPIKeys}, WriteAPIKeysScope)
}

func (by Caller) readable() []string { return by.orScopes(by.manageable(), ReadAPIKeysScope) }

// orScopes adds scopes to permissions, where scopes count.
func (by Caller) orScopes(permissions []string, scopes ...string) []string {
	if !by.Scoped {
		return permissions
	}
	return append(permissions, scopes...)
}

// finds reads a key that the caller wants to see. Another organization's is
// [NotFound]; one of its own that it did not create is [Forbidden] without a
// permission for all of them (the Polaris document).
func (k *Keys) finds(ctx context.Context, by Caller, id keytext.ID) (who acting, key Key, err error) {
	return k.reaches(ctx, by, id, by.visible(), by.readable())
}

// manages reads a key that the caller wants to change, like finds.
func (k *Keys) manages(ctx context.Context, by Caller, id keytext.ID) (who acting, key Key, err error) {
	return k.reaches(ctx, by, id, by.creatable(), by.manageable())
}

// reaches reads a key for a caller who needs one of the permissions, and one of
// forAll unless it created the key. The zero id is no key's: one who may not
// look at keys is told so, like with any other.
func (k *Keys) reaches(ctx context.Context, by Caller, id keytext.ID, permissions, forAll []string) (who acting, key Key, err error) {
	if who, err = k.allowed(ctx, by, permissions...); err != nil {
		return acting{}, Key{}, err
	}
	if id.IsZero() {
		return acting{}, Key{}, NoSuchKey()
	}
	if key, err = k.Store.Key(ctx, id); err != nil {
		return acting{}, Key{}, err
	}
	if key.Org != who.Org {
		return acting{}, Key{}, NoSuchKey()
	}
	if !who.grant.Permissions.HasAny(forAll...) && key.CreatedBy.UserID != who.actor.UserID {
		return acting{}, Key{}, forbidden()
	}
	return who, key, nil
}
