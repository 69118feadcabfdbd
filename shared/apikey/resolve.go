package apikey

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/keytext"
)

// Grant is what somebody may do at a moment, and the records that say so.
type Grant struct {
	// Permissions are all that is held.
	Permissions Permissions
	// Identity is the user as whom the holder is known to guarded APIs; zero
	// for none.
	Identity keytext.ID
	// User is the user who acts; nil for a key that acts for itself.
	User *User
	// Policies are those that Permissions come from.
	Policies []Policy
}

// errDead says that a key's grant is gone: it is no valid key any more.
var errDead = errors.New("the key's policy or user is gone")

// Resolve finds what a key grants, at the time of the reads: its own
// permissions, its policy's, or its user's. It is the one place that knows; the
// authorizer asks it with a reader that remembers, the rules with the store. A
// key whose policy or user is gone, or whose organization is suspended
// ([ErrSuspended]), grants nothing at all and is no valid key: [Unauthenticated].
// Other errors are [Unavailable].
func Resolve(ctx context.Context, r GrantReader, key *Key) (Grant, error) {
	if err := standing(ctx, r, key.Org); err != nil {
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
		g := Grant{Permissions: policy.Permissions, Policies: []Policy{policy}}
		return identify(ctx, r, key, g)
	default:
		return identify(ctx, r, key, Grant{Permissions: key.Permissions})
	}
}

func resolvePersonal(ctx context.Context, r GrantReader, key *Key) (Grant, error) {
	if key.OnBehalfOf.IsZero() {
		return Grant{}, dead(nil)
	}
	user, err := r.User(ctx, key.Org, key.OnBehalfOf)
	if err != nil {
		return Grant{}, dead(err)
	}
	g, err := resolveUser(ctx, r, user)
	if err != nil {
		return Grant{}, err
	}
	if key.Narrowed {
		g.Permissions = g.Permissions.And(key.Permissions)
	}
	return g, nil
}

// ResolveUser finds what a user holds: what the role gives, the user's own
// permissions, and the policy's, where it still exists. Errors:
// [Unauthenticated], because of [ErrSuspended], and [Unavailable].
func ResolveUser(ctx context.Context, r GrantReader, user User) (Grant, error) {
	if err := standing(ctx, r, user.Org); err != nil {
		return Grant{}, err
	}
	return resolveUser(ctx, r, user)
}

func resolveUser(ctx context.Context, r GrantReader, user User) (Grant, error) {
	g := Grant{Permissions: user.Permissions, Identity: user.ID, User: &user}
	switch user.Role {
	case RoleOwner:
		org, err := r.Organization(ctx, user.Org)
		if err != nil {
			return Grant{}, missing("read the organization of a user", err)
		}
		g.Permissions = org.declares()
		return g, nil
	case RoleAdmin:
		g.Permissions = g.Permissions.Or(OwnPermissions())
	case RoleManager:
		g.Permissions = g.Permissions.Or(NewPermissions(ManageAPIKeys))
	}
	if user.Policy.IsZero() {
		return g, nil
	}
	policy, err := livePolicy(ctx, r, user.Org, user.Policy)
	switch {
	case err == nil:
		g.Permissions, g.Policies = g.Permissions.Or(policy.Permissions), []Policy{policy}
	case KindOf(err) != Unauthenticated:
		return Grant{}, err
	}
	return g, nil
}

// identify finds the user as whom a shared key is known: its own, or else the
// organization's representative (the Supermetrics document).
func identify(ctx context.Context, r GrantReader, key *Key, g Grant) (Grant, error) {
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
	org, err := r.Organization(ctx, key.Org)
	if err != nil {
		return Grant{}, missing("read the organization of a key", err)
	}
	g.Identity = org.Representative
	return g, nil
}

// livePolicy reads a policy that is no tombstone; one that is gone is
// [Unauthenticated].
func livePolicy(ctx context.Context, r GrantReader, org OrgID, id keytext.ID) (Policy, error) {
	policy, err := r.Policy(ctx, org, id)
	if err == nil && policy.Deleted {
		return Policy{}, dead(nil)
	}
	if err != nil {
		return Policy{}, dead(err)
	}
	return policy, nil
}

// dead makes an error of a read the key's own end where what was read does not
// exist; an outage stays one.
func dead(err error) error {
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	e := NotAuthenticated()
	e.Cause = errDead
	return e
}

// missing makes [NotFound] of what must exist an outage: the record is damaged.
func missing(doing string, err error) error {
	if KindOf(err) == NotFound {
		return Failed(doing, err)
	}
	return err
}
