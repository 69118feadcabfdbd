package apikey

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/keytext"
)

// Grant is what somebody may do at a moment, and the records that say so.
type Grant struct {
	// Permissions are all that is held, unless All says so: every permission of
	// the organization's catalogue then.
	Permissions Permissions
	All         bool
	// Identity is the user as whom the holder is known to guarded APIs; zero
	// for none. ByDefault says that it is the organization's representative, who
	// has nothing to do with the key.
	Identity  keytext.ID
	ByDefault bool
	// User is the user who acts; nil for a key that acts for itself.
	User *User
}

// Of returns those of the permissions that are held.
func (g Grant) Of(permissions Permissions) Permissions {
	if g.All {
		return permissions
	}
	return permissions.And(g.Permissions)
}

// errDead says that a key's grant is gone: it is no valid key any more.
var errGrantGone = errors.New("the key's policy or user is gone")

// Resolve finds what a key grants, at the time of the reads: its own
// permissions, its policy's, or its user's. It is the one place that knows; the
// authorizer asks it with a reader that remembers, the rules with the store. A
// key whose policy or user is gone, or whose organization is suspended
// ([ErrSuspended]), grants nothing at all and is no valid key: [Unauthenticated].
// Other errors are [Unavailable].
func Resolve(ctx context.Context, r GrantReader, key *Key) (Grant, error) {
	status, err := statusUnlessSuspended(ctx, r, key.Org)
	if err != nil {
		return Grant{}, err
	}
	switch {
	case key.Type == TypePersonal:
		return resolvePersonal(ctx, r, key)
	case key.Policy != keytext.ID{}:
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

// ResolveUser finds what a user holds: what the role gives, the user's own
// permissions, and the policy's, where it still exists. Errors:
// [Unauthenticated], because of [ErrSuspended], and [Unavailable].
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

// identify finds the user as whom a shared key is known: its own, or else the
// organization's representative (the Supermetrics document), if the key is one
// that its maker could have made so. Any other could borrow an identity by having
// its user removed.
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

// livePolicy reads a policy that is no tombstone; one that is gone is
// [Unauthenticated].
func livePolicy(ctx context.Context, r GrantReader, org OrgID, id keytext.ID) (Policy, error) {
	policy, err := r.Policy(ctx, org, id)
	if err == nil && policy.Deleted {
		return Policy{}, unauthenticatedIfMissing(nil)
	}
	if err != nil {
		return Policy{}, unauthenticatedIfMissing(err)
	}
	return policy, nil
}

// dead makes an error of a read the key's own end where what was read does not
// exist; an outage stays one.
func unauthenticatedIfMissing(err error) error {
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	e := UnauthenticatedError()
	e.Cause = errGrantGone
	return e
}

// missing makes [NotFound] of what must exist an outage: the record is damaged.
func unavailableIfMissing(doing string, err error) error {
	if KindOf(err) == NotFound {
		return UnavailableError(doing, err)
	}
	return err
}
