package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/uuid"
)

// callerRecords is how many records identify a caller.
const callerRecords = 5

// authenticate reads the caller's current key, user and organization, together
// with refs and everything that these records name, and runs extra at the same
// time. It returns [Unauthenticated] for a caller that no longer exists, is no
// longer valid, or does not belong to the organization that the authorizer
// named.
func (r *Rules) authenticate(ctx context.Context, by Caller, extra prefetch, refs ...Ref) (principal, error) {
	if by.Org == "" || by.Key.IsZero() && by.User.IsZero() {
		return principal{}, UnauthenticatedError()
	}
	who := principal{Caller: by, view: r.view(by.Org)}
	refs = append(refs, KeyRef(by.Key), UserRef(by.Org, by.User), OrganizationRef(by.Org), StatusRef(by.Org), by.outcomeRef())
	if err := who.view.read(ctx, refs...); err != nil {
		return principal{}, err
	}
	if err := who.view.readNamed(ctx, extra); err != nil {
		return principal{}, err
	}
	if by.Key.IsZero() {
		user, err := who.view.User(ctx, by.Org, by.User)
		if err != nil {
			return principal{}, unauthenticatedIfMissing(err)
		}
		who.grant, err = who.view.userGrant(ctx, user)
		who.actor = user.Actor()
		return who, err
	}
	key, err := who.view.Key(ctx, by.Key)
	if err != nil {
		return principal{}, unauthenticatedIfMissing(err)
	}
	if now := r.Now(); key.Org != by.Org || !key.Live(now) || !key.verifies(by.Generation, now) {
		return principal{}, UnauthenticatedError()
	}
	if who.grant, err = who.view.keyGrant(ctx, key); err != nil {
		return principal{}, err
	}
	who.key, who.actor = &key, key.Actor()
	if who.grant.User != nil {
		who.actor = who.grant.User.Actor()
	}
	return who, nil
}

// authorize authenticates the caller and returns [Forbidden] unless it holds
// one of the permissions.
func (r *Rules) authorize(ctx context.Context, by Caller, permissions []string, refs ...Ref) (principal, error) {
	return r.authorizePrefetching(ctx, by, permissions, nil, refs...)
}

// authorizePrefetching is [Rules.authorize] with a prefetch.
func (r *Rules) authorizePrefetching(ctx context.Context, by Caller, permissions []string, extra prefetch, refs ...Ref) (principal, error) {
	who, err := r.authenticate(ctx, by, extra, refs...)
	if err != nil {
		return principal{}, err
	}
	if !who.grant.Permissions.HasAny(permissions...) {
		return principal{}, forbiddenError()
	}
	return who, nil
}

// authorizeKeyRead reads a key that the caller wants to see, together with refs
// and with a prefetch. A key of another organization is [NotFound]. A key that
// the caller did not create is [Forbidden] without a permission for all keys
// (the Polaris document), unless it is the caller's own.
func (r *Rules) authorizeKeyRead(ctx context.Context, by Caller, id uuid.UUID, extra prefetch, refs ...Ref) (who principal, key Key, err error) {
	return r.authorizeKey(ctx, by, id, keyAccess{permissions: by.viewPermissions(), forAll: by.viewAllPermissions(), own: principal.owns}, extra, refs)
}

// authorizeKeyChange reads a key that the caller wants to change, together with
// refs. It refuses as [Rules.authorizeKeyRead] does.
func (r *Rules) authorizeKeyChange(ctx context.Context, by Caller, id uuid.UUID, extra prefetch, refs ...Ref) (who principal, key Key, err error) {
	return r.authorizeKey(ctx, by, id, keyAccess{permissions: by.createPermissions(), forAll: by.managePermissions(), own: principal.owns}, extra, refs)
}

// keyAccess says who may use a key.
type keyAccess struct {
	// A caller with any of permissions may use the keys that it created; with
	// any of forAll as well, all keys.
	permissions, forAll []string
	// own reports whether the caller needs no permission for the key.
	own func(principal, Key) bool
	// tombstones says that the key may be deleted.
	tombstones bool
}

// authorizeKey reads a key for a caller who has access to it. The zero id is
// never a key's; a caller without permissions gets the same [Forbidden] for it
// as for any other id. If the key is damaged but known to be the organization's,
// its readable part is returned together with the error.
func (r *Rules) authorizeKey(ctx context.Context, by Caller, id uuid.UUID, access keyAccess, extra prefetch, refs []Ref) (who principal, key Key, err error) {
	if who, err = r.authenticate(ctx, by, extra, append(refs, KeyRef(id))...); err != nil {
		return principal{}, Key{}, err
	}
	read := who.view.Key
	if access.tombstones {
		read = who.view.keyOrTombstone
	}
	key, failed := read(ctx, id)
	err = failed
	known := err == nil || salvage(who.view, KeyRef(id), &key, &err)
	held := who.grant.Permissions
	switch who.asOwn = known && access.own(who, key); {
	case !held.HasAny(access.permissions...) && !who.asOwn:
		return principal{}, Key{}, forbiddenError()
	case !known:
		return principal{}, Key{}, err
	case key.Org != who.Org:
		return principal{}, Key{}, NoSuchKey()
	case held.HasAny(access.forAll...), held.HasAny(access.permissions...) && key.CreatedBy.UserID == who.actor.UserID:
		who.asOwn = false
	case !who.asOwn:
		return principal{}, Key{}, forbiddenError()
	}
	return who, key, failed
}
