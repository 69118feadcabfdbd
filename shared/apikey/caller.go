package apikey

import (
	"context"
	"net/netip"

	"github.com/keyward/keyward/shared/keytext"
)

// Caller is who asks, as the authorizer found out, and from where.
type Caller struct {
	Org OrgID
	// Key is the caller's key; zero for a caller with an access token. User is
	// who has the token, or the user whom the gateway knew the key by, which
	// saves a read and decides nothing.
	Key, User keytext.ID
	// Source is the address that the gateway saw; zero where it is unknown.
	Source               netip.Addr
	UserAgent, RequestID string
	// Held are the permissions that the gateway knew the caller to hold: they too
	// save a read and decide nothing. Nil where it did not say.
	Held Permissions
	// Scoped says that the caller came where the scopes of the Supermetrics
	// document count like the permissions of the Polaris document.
	Scoped bool
	// Force says that the caller wants a change even where no key can administer
	// keys after it.
	Force bool
}

// acting is a caller as it is now: not what the gateway knew a moment earlier.
type acting struct {
	Caller
	// view is what was read to know the caller, and is read on.
	view *view
	// key is nil for a caller with an access token.
	key   *Key
	grant Grant
	actor Actor
	// asOwn says that the caller reaches the key that it asks for only because it
	// is a personal key of the caller's own.
	asOwn bool
}

// current reads the caller as it is now, together with the refs and with what
// all of these name, and does the search meanwhile. A caller that is gone, is no
// longer valid, or is of another organization than the gateway said, is
// [Unauthenticated].
func (k *Keys) current(ctx context.Context, by Caller, seek search, refs ...Ref) (acting, error) {
	if by.Org == "" || by.Key.IsZero() && by.User.IsZero() {
		return acting{}, NotAuthenticated()
	}
	who := acting{Caller: by, view: k.view(by.Org)}
	refs = append(refs, KeyRef(by.Key), UserRef(by.Org, by.User), OrganizationRef(by.Org), StatusRef(by.Org))
	if err := who.view.read(ctx, refs...); err != nil {
		return acting{}, err
	}
	if err := who.view.follow(ctx, seek); err != nil {
		return acting{}, err
	}
	if by.Key.IsZero() {
		user, err := who.view.User(ctx, by.Org, by.User)
		if err != nil {
			return acting{}, dead(err)
		}
		who.grant, err = who.view.heldBy(ctx, user)
		who.actor = user.Actor()
		return who, err
	}
	key, err := who.view.Key(ctx, by.Key)
	if err != nil {
		return acting{}, dead(err)
	}
	if key.Org != by.Org || !key.Live(k.Now()) {
		return acting{}, NotAuthenticated()
	}
	if who.grant, err = who.view.grantOf(ctx, key); err != nil {
		return acting{}, err
	}
	who.key, who.actor = &key, key.Actor()
	if who.grant.User != nil {
		who.actor = who.grant.User.Actor()
	}
	return who, nil
}

// allowed is [Keys.current] for a caller who holds any of the permissions;
// another is [Forbidden].
func (k *Keys) allowed(ctx context.Context, by Caller, permissions []string, refs ...Ref) (acting, error) {
	return k.seeking(ctx, by, permissions, nil, refs...)
}

// seeking is [Keys.allowed] with a search.
func (k *Keys) seeking(ctx context.Context, by Caller, permissions []string, seek search, refs ...Ref) (acting, error) {
	who, err := k.current(ctx, by, seek, refs...)
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

// finds reads a key that the caller wants to see, with a search. Another
// organization's is [NotFound]; one of its own that it did not create is
// [Forbidden] without a permission for all of them (the Polaris document), unless
// it acts as the caller's user.
func (k *Keys) finds(ctx context.Context, by Caller, id keytext.ID, seek search) (who acting, key Key, err error) {
	return k.reaches(ctx, by, id, by.visible(), by.readable(), seek, nil)
}

// manages reads a key that the caller wants to change, like finds, together with
// the refs.
func (k *Keys) manages(ctx context.Context, by Caller, id keytext.ID, seek search, refs ...Ref) (who acting, key Key, err error) {
	return k.reaches(ctx, by, id, by.creatable(), by.manageable(), seek, refs)
}

// reaches reads a key for a caller whose own it is, or who has one of the
// permissions, and one of forAll unless it created the key. The zero id is no
// key's: one who may not look at keys is told so, like with any other. A damaged
// key is an error like any other, once it is known to be the organization's; what
// can still be read of it comes with the error.
func (k *Keys) reaches(ctx context.Context, by Caller, id keytext.ID, permissions, forAll []string, seek search, refs []Ref) (who acting, key Key, err error) {
	if who, err = k.current(ctx, by, seek, append(refs, KeyRef(id))...); err != nil {
		return acting{}, Key{}, err
	}
	key, failed := who.view.Key(ctx, id)
	err = failed
	known := err == nil || salvage(who.view, KeyRef(id), &key, &err)
	held := who.grant.Permissions
	switch who.asOwn = known && who.owns(key); {
	case !held.HasAny(permissions...) && !who.asOwn:
		return acting{}, Key{}, forbidden()
	case !known:
		return acting{}, Key{}, err
	case key.Org != who.Org:
		return acting{}, Key{}, NoSuchKey()
	case held.HasAny(forAll...), held.HasAny(permissions...) && key.CreatedBy.UserID == who.actor.UserID:
		who.asOwn = false
	case !who.asOwn:
		return acting{}, Key{}, forbidden()
	}
	return who, key, failed
}
