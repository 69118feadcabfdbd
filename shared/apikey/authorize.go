package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// current reads the caller as it is now, together with the refs and with what
// all of these name, and does the search meanwhile. A caller that is gone, is no
// longer valid, or is of another organization than the gateway said, is
// [Unauthenticated].
func (k *Keys) authenticate(ctx context.Context, by Caller, extra prefetch, refs ...Ref) (principal, error) {
	if by.Org == "" || by.Key.IsZero() && by.User.IsZero() {
		return principal{}, UnauthenticatedError()
	}
	who := principal{Caller: by, view: k.view(by.Org)}
	refs = append(refs, KeyRef(by.Key), UserRef(by.Org, by.User), OrganizationRef(by.Org), StatusRef(by.Org))
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
	if key.Org != by.Org || !key.Live(k.Now()) {
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

// allowed is [Keys.current] for a caller who holds any of the permissions;
// another is [Forbidden].
func (k *Keys) authorize(ctx context.Context, by Caller, permissions []string, refs ...Ref) (principal, error) {
	return k.authorizePrefetching(ctx, by, permissions, nil, refs...)
}

// seeking is [Keys.allowed] with a search.
func (k *Keys) authorizePrefetching(ctx context.Context, by Caller, permissions []string, extra prefetch, refs ...Ref) (principal, error) {
	who, err := k.authenticate(ctx, by, extra, refs...)
	if err != nil {
		return principal{}, err
	}
	if !who.grant.Permissions.HasAny(permissions...) {
		return principal{}, forbiddenError()
	}
	return who, nil
}

// finds reads a key that the caller wants to see, with a search. Another
// organization's is [NotFound]; one of its own that it did not create is
// [Forbidden] without a permission for all of them (the Polaris document), unless
// it acts as the caller's user.
func (k *Keys) authorizeKeyRead(ctx context.Context, by Caller, id keytext.ID, extra prefetch) (who principal, key Key, err error) {
	return k.authorizeKey(ctx, by, id, by.viewPermissions(), by.viewAllPermissions(), extra, nil)
}

// manages reads a key that the caller wants to change, like finds, together with
// the refs.
func (k *Keys) authorizeKeyChange(ctx context.Context, by Caller, id keytext.ID, extra prefetch, refs ...Ref) (who principal, key Key, err error) {
	return k.authorizeKey(ctx, by, id, by.createPermissions(), by.managePermissions(), extra, refs)
}

// reaches reads a key for a caller whose own it is, or who has one of the
// permissions, and one of forAll unless it created the key. The zero id is no
// key's: one who may not look at keys is told so, like with any other. A damaged
// key is an error like any other, once it is known to be the organization's; what
// can still be read of it comes with the error.
func (k *Keys) authorizeKey(ctx context.Context, by Caller, id keytext.ID, permissions, forAll []string, extra prefetch, refs []Ref) (who principal, key Key, err error) {
	if who, err = k.authenticate(ctx, by, extra, append(refs, KeyRef(id))...); err != nil {
		return principal{}, Key{}, err
	}
	key, failed := who.view.Key(ctx, id)
	err = failed
	known := err == nil || salvage(who.view, KeyRef(id), &key, &err)
	held := who.grant.Permissions
	switch who.asOwn = known && who.owns(key); {
	case !held.HasAny(permissions...) && !who.asOwn:
		return principal{}, Key{}, forbiddenError()
	case !known:
		return principal{}, Key{}, err
	case key.Org != who.Org:
		return principal{}, Key{}, NoSuchKey()
	case held.HasAny(forAll...), held.HasAny(permissions...) && key.CreatedBy.UserID == who.actor.UserID:
		who.asOwn = false
	case !who.asOwn:
		return principal{}, Key{}, forbiddenError()
	}
	return who, key, failed
}
