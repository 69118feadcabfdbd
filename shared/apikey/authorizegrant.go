package apikey

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
)

// authorizeKeyGrant refuses a key that would let the caller do what it cannot
// do itself: a grant of permissions that it does not hold, an identity that it
// may not lend, or looser limits on its own key. before is the zero Key if
// the key is new or its text is being revealed.
func (r *Rules) authorizeKeyGrant(ctx context.Context, who principal, before, after Key) error {
	looser := !before.ID.IsZero() && after.looserThan(before, r.Now())
	if who.key != nil && who.key.ID == before.ID && looser {
		return &Error{Kind: Forbidden, Detail: "A key cannot loosen its own limits. Use another key to change them."}
	}
	if err := who.authorizeIdentity(ctx, before, after, looser); err != nil {
		return err
	}
	// The permissions written into a key count, as well as those in effect now:
	// the user of a narrowed key may hold more tomorrow.
	if err := who.authorizeGrant(after.Permissions.Without(before.Permissions)); err != nil {
		return err
	}
	if after.hasSameGrant(before) && !looser {
		return nil
	}
	grants, err := who.view.permissionsOf(ctx, after)
	if err != nil {
		return err
	}
	// A different policy or user must be granted in full, even if the key has
	// the same permissions now: the new grant may outlast the old one.
	held := permission.Set(nil)
	if !looser && after.Policy == before.Policy && after.OnBehalfOf == before.OnBehalfOf {
		if held, err = who.view.permissionsOf(ctx, before); err != nil {
			return err
		}
	}
	return who.authorizeGrant(grants.Without(held))
}

// hasSameGrant reports whether both keys get the same permissions in the same
// way.
func (k Key) hasSameGrant(before Key) bool {
	return !before.ID.IsZero() && k.Policy == before.Policy && k.OnBehalfOf == before.OnBehalfOf && k.Narrowed == before.Narrowed &&
		slices.Equal(k.Permissions, before.Permissions)
}

// permissionsOf returns what a key grants now. The zero key, and a key whose
// policy or user is gone, grant nothing.
func (v *view) permissionsOf(ctx context.Context, key Key) (permission.Set, error) {
	if key.Org == "" {
		return nil, nil
	}
	grant, err := v.keyGrant(ctx, key)
	if err != nil && KindOf(err) == Unauthenticated {
		return nil, nil
	}
	return grant.Permissions, err
}

// looserThan reports whether k has looser limits than before, or can be used
// although before was disabled or expired. Such a change needs the same
// permissions as creating the key.
func (k Key) looserThan(before Key, now time.Time) bool {
	return k.usable(now) && !before.usable(now) || k.NotBefore.Before(before.NotBefore) || k.exceedsLimits(before)
}

// exceedsLimits reports whether the key can be used longer, from other
// addresses or for other services than before.
func (k Key) exceedsLimits(before Key) bool {
	return !before.ExpiresOn.IsZero() && (k.ExpiresOn.IsZero() || k.ExpiresOn.After(before.ExpiresOn)) ||
		allowsMore(k.Services, before.Services, func(a, b string) bool { return a == b }) ||
		allowsMore(k.AllowIPs, before.AllowIPs, func(a, b netip.Prefix) bool { return b.Bits() <= a.Bits() && b.Contains(a.Addr()) })
}

// allowsMore reports whether list allows something that before does not. An
// empty list allows everything.
func allowsMore[T any](list, before []T, within func(a, b T) bool) bool {
	if len(before) == 0 {
		return false
	}
	return len(list) == 0 || slices.ContainsFunc(list, func(a T) bool {
		return !slices.ContainsFunc(before, func(b T) bool { return within(a, b) })
	})
}

// usable reports whether the key is live now, or will be once NotBefore has
// passed.
func (k Key) usable(now time.Time) bool {
	return !k.Disabled && (k.ExpiresOn.IsZero() || now.Before(k.ExpiresOn))
}

// authorizeIdentity refuses a key that stands for a user unless the caller is
// that user or may manage everybody's keys. A shared key without a user stands
// for the organization's representative. Only an OWNER can give away an OWNER's
// personal key, because it can do what no permission covers. Only the user or
// an OWNER can remove the narrowing of a key, because the key then gets
// permissions that the user is given later and the caller may never hold.
func (who principal) authorizeIdentity(ctx context.Context, before, after Key, looser bool) error {
	if after.Type == TypeService || after.Type == TypePersonal && after.OnBehalfOf.IsZero() {
		return nil
	}
	more := before.OnBehalfOf != after.OnBehalfOf || before.Policy != after.Policy || before.Narrowed && !after.Narrowed ||
		len(after.Permissions.Without(before.Permissions)) > 0
	if !before.ID.IsZero() && !more && !looser {
		return nil
	}
	notHeld := &Error{Kind: NotHeld, Detail: "Only the user, or someone who can manage everybody's keys, can let a key act for a user. For an OWNER, only an OWNER can.",
		Fields: []FieldError{{"onBehalfOf", FieldNotHeld, "You cannot let a key act for this user."}}}
	if self := who.grant.User; self != nil && self.ID == after.OnBehalfOf {
		if who.key != nil && who.key.Narrowed && !after.Narrowed {
			return notHeld
		}
		if before.ID.IsZero() {
			return who.authorizeLimits(after)
		}
		return nil
	}
	if !who.grant.Permissions.HasAny(who.managePermissions()...) {
		return notHeld
	}
	if before.Narrowed && !after.Narrowed && !who.isOwner() {
		return &Error{Kind: NotHeld, Detail: "Only the key's user or an OWNER can give this key all of its user's permissions.",
			Fields: []FieldError{{"permissions", FieldNotHeld, "You are neither the key's user nor an OWNER."}}}
	}
	if after.Type != TypePersonal {
		return nil
	}
	user, err := who.view.User(ctx, who.Org, after.OnBehalfOf)
	// The user may have been removed since the key was read.
	if err != nil && KindOf(err) == NotFound || user.Role == RoleOwner && !who.isOwner() {
		return notHeld
	}
	return err
}

// authorizeGrant refuses permissions that the caller does not hold.
func (who principal) authorizeGrant(added permission.Set) error {
	lacking := added.Without(who.grant.Permissions)
	if len(lacking) == 0 {
		return nil
	}
	err := &Error{Kind: NotHeld, Detail: "You can only grant permissions that you hold."}
	for _, name := range lacking {
		err.Fields = append(err.Fields, FieldError{"permissions", FieldNotHeld, "You do not hold " + name + "."})
	}
	return err
}
