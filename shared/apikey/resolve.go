package apikey

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Grant is what a caller may do at one moment, and the user behind it.
type Grant struct {
	// Permissions are all permissions held. If All is set, they are instead the
	// organization's whole catalogue.
	Permissions permission.Set
	All         bool
	// Identity is the user as whom guarded APIs see the holder; zero for none.
	// ByDefault says that it is the organization's representative, who has
	// nothing to do with the key.
	Identity  uuid.UUID
	ByDefault bool
	// User is the user who acts; nil for a key that acts for itself.
	User *User
}

// Of returns those of the permissions that are held.
func (g Grant) Of(permissions permission.Set) permission.Set {
	if g.All {
		return permissions
	}
	return permissions.And(g.Permissions)
}

// errGrantGone is the cause of [Unauthenticated] for a key whose grant no
// longer exists.
var errGrantGone = errors.New("the key's policy or user is gone")

// Resolve returns what a key grants at the time of the reads: its own
// permissions, its policy's or its user's. It is the only place that knows. The
// authorizer calls it with a caching reader, the rules with the store. A key whose
// own policy is gone, a personal key whose user is gone, and a key of a suspended
// organization ([ErrSuspended]) are not valid: [Unauthenticated]. Other errors are
// [Unavailable].
func Resolve(ctx context.Context, r GrantReader, key *Key) (Grant, error) {
	status, err := statusUnlessSuspended(ctx, r, key.Org)
	if err != nil {
		return Grant{}, err
	}
	switch {
	case key.Type == TypePersonal:
		return resolvePersonal(ctx, r, key)
	case key.Policy != uuid.UUID{}:
		policy, err := livePolicy(ctx, r, key.Org, key.Policy)
		if err != nil {
			return Grant{}, err
		}
		return identify(ctx, r, key, status, Grant{Permissions: policy.Permissions})
	default:
		return identify(ctx, r, key, status, Grant{Permissions: key.Permissions})
	}
}

func resolvePersonal(ctx context.Context, r GrantReader, key *Key) (Grant, error) {
	if key.OnBehalfOf.IsZero() {
		return Grant{}, unauthenticatedIfMissing(nil)
	}
	user, err := r.User(ctx, key.Org, key.OnBehalfOf)
	if err != nil {
		return Grant{}, unauthenticatedIfMissing(err)
	}
	g, err := resolveUser(ctx, r, user)
	if err != nil {
		return Grant{}, err
	}
	if key.Narrowed {
		g.Permissions, g.All = g.Of(key.Permissions), false
	}
	return g, nil
}

// ResolveUser returns what a user holds: the permissions of the role, the
// user's own, and the policy's if it still exists. Errors: [Unauthenticated]
// with [ErrSuspended], and [Unavailable].
func ResolveUser(ctx context.Context, r GrantReader, user User) (Grant, error) {
	if _, err := statusUnlessSuspended(ctx, r, user.Org); err != nil {
		return Grant{}, err
	}
	return resolveUser(ctx, r, user)
}

func resolveUser(ctx context.Context, r GrantReader, user User) (Grant, error) {
	g := Grant{Permissions: user.Permissions.Or(user.Role.permissions()), Identity: user.ID, User: &user}
	if user.Role == RoleOwner {
		return Grant{All: true, Identity: user.ID, User: &user}, nil
	}
	if user.Policy.IsZero() {
		return g, nil
	}
	policy, err := livePolicy(ctx, r, user.Org, user.Policy)
	switch {
	case err == nil:
		g.Permissions = g.Permissions.Or(policy.Permissions)
	case KindOf(err) != Unauthenticated:
		return Grant{}, err
	}
	return g, nil
}

// identify adds the user as whom a shared key is known: its own, or else the
// organization's representative (the Supermetrics document) if the key is
// Representable. Without that condition, somebody could give a key the
// representative's identity by removing the key's user.
func identify(ctx context.Context, r GrantReader, key *Key, status Status, g Grant) (Grant, error) {
	if key.Type != TypeShared {
		return g, nil
	}
	if !key.OnBehalfOf.IsZero() {
		_, err := r.User(ctx, key.Org, key.OnBehalfOf)
		if err == nil {
			g.Identity = key.OnBehalfOf
			return g, nil
		}
		if KindOf(err) != NotFound {
			return Grant{}, err
		}
	}
	if key.Representable {
		g.Identity, g.ByDefault = status.Representative, !status.Representative.IsZero()
	}
	return g, nil
}

// livePolicy reads a policy that is not a tombstone. If there is none, the
// error is [Unauthenticated].
func livePolicy(ctx context.Context, r GrantReader, org OrgID, id uuid.UUID) (Policy, error) {
	policy, err := r.Policy(ctx, org, id)
	if err == nil && policy.Deleted {
		return Policy{}, unauthenticatedIfMissing(nil)
	}
	if err != nil {
		return Policy{}, unauthenticatedIfMissing(err)
	}
	return policy, nil
}

// unauthenticatedIfMissing turns [NotFound], or nil, into [Unauthenticated],
// because a key without its policy or user is not valid. Other errors stay as
// they are.
func unauthenticatedIfMissing(err error) error {
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	e := UnauthenticatedError()
	e.Cause = errGrantGone
	return e
}

// unavailableIfMissing turns [NotFound] into [Unavailable] for a record that
// must exist.
func unavailableIfMissing(doing string, err error) error {
	if KindOf(err) == NotFound {
		return UnavailableError(doing, err)
	}
	return err
}
