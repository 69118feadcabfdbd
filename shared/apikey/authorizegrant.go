package apikey

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// mayWiden refuses whatever would let the caller do through a key what it cannot
// do itself: a grant of permissions that it does not hold, an identity that is
// not its own to lend, and a looser limit on its own key. The zero before stands
// for a key that is made, or handed over whole.
func (k *Keys) authorizeKeyGrant(ctx context.Context, who principal, before, after Key) error {
	looser := !before.ID.IsZero() && after.looserThan(before, k.Now())
	if who.key != nil && who.key.ID == before.ID && looser {
		return &Error{Kind: Forbidden, Detail: "A key cannot loosen its own limits."}
	}
	if err := who.authorizeIdentity(ctx, before, after, looser); err != nil {
		return err
	}
	// What is written into a key counts as well as what it comes to today: a
	// narrowed key's user may hold more tomorrow.
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
	// Another policy, or another user, is granted whole: where its permissions
	// stood before does not count, since they would outlast what was there.
	held := Permissions(nil)
	if !looser && after.Policy == before.Policy && after.OnBehalfOf == before.OnBehalfOf {
		if held, err = who.view.permissionsOf(ctx, before); err != nil {
			return err
		}
	}
	return who.authorizeGrant(grants.Without(held))
}

// grantsAs reports whether both keys are granted the same in the same way.
func (k Key) hasSameGrant(before Key) bool {
	return !before.ID.IsZero() && k.Policy == before.Policy && k.OnBehalfOf == before.OnBehalfOf && k.Narrowed == before.Narrowed &&
		slices.Equal(k.Permissions, before.Permissions)
}

// holds is what a key grants now; a key whose policy or user is gone, or that is
// none yet, grants nothing.
func (v *view) permissionsOf(ctx context.Context, key Key) (Permissions, error) {
	if key.Org == "" {
		return nil, nil
	}
	grant, err := v.keyGrant(ctx, key)
	if err != nil && KindOf(err) == Unauthenticated {
		return nil, nil
	}
	return grant.Permissions, err
}

// looserThan reports whether the key can be used where or when before cannot, or
// could once it is enabled. Loosening a limit is as good as making the key: so is
// reviving a dead one.
func (k Key) looserThan(before Key, now time.Time) bool {
	return k.usable(now) && !before.usable(now) || k.NotBefore.Before(before.NotBefore) || k.exceedsLimits(before)
}

// exceeds reports whether the key can be used longer, elsewhere or for other
// services than before.
func (k Key) exceedsLimits(before Key) bool {
	return !before.ExpiresOn.IsZero() && (k.ExpiresOn.IsZero() || k.ExpiresOn.After(before.ExpiresOn)) ||
		allowsMore(k.Services, before.Services, func(a, b string) bool { return a == b }) ||
		allowsMore(k.AllowIPs, before.AllowIPs, func(a, b netip.Prefix) bool { return b.Bits() <= a.Bits() && b.Contains(a.Addr()) })
}

// wider reports whether a list of what is allowed, where an empty one allows
// all, allows something that before does not.
func allowsMore[T any](list, before []T, within func(a, b T) bool) bool {
	if len(before) == 0 {
		return false
	}
	return len(list) == 0 || slices.ContainsFunc(list, func(a T) bool {
		return !slices.ContainsFunc(before, func(b T) bool { return within(a, b) })
	})
}

// usable reports whether the key is or will be live without another change.
func (k Key) usable(now time.Time) bool {
	return !k.Disabled && (k.ExpiresOn.IsZero() || now.Before(k.ExpiresOn))
}

// mayLend refuses a key that stands for a user to whoever is neither that user
// nor may manage everybody's keys; a shared key without a user stands for the
// organization's representative. An OWNER's personal key is an OWNER's alone to
// give, since it can do what no permission names.
func (who principal) authorizeIdentity(ctx context.Context, before, after Key, looser bool) error {
	if after.Type == TypeService || after.Type == TypePersonal && after.OnBehalfOf.IsZero() {
		return nil
	}
	more := before.OnBehalfOf != after.OnBehalfOf || before.Policy != after.Policy || before.Narrowed && !after.Narrowed ||
		len(after.Permissions.Without(before.Permissions)) > 0
	if !before.ID.IsZero() && !more && !looser {
		return nil
	}
	notHeld := &Error{Kind: NotHeld, Detail: "Only the user, or who may manage everybody's keys, can have a key stand for a user; for an OWNER, only an OWNER can.",
		Fields: []FieldError{{"onBehalfOf", FieldNotHeld, "You cannot act for this user."}}}
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
	if after.Type != TypePersonal {
		return nil
	}
	user, err := who.view.User(ctx, who.Org, after.OnBehalfOf)
	// Nobody acts for a user who was removed since the key was read.
	if err != nil && KindOf(err) == NotFound || user.Role == RoleOwner && !who.isOwner() {
		return notHeld
	}
	return err
}

// mayGrant refuses a grant of anything that the caller does not hold.
func (who principal) authorizeGrant(added Permissions) error {
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
