package apikey

import (
	"context"
	"maps"
	"slices"
	"time"
)

// mayWiden refuses whatever would let the caller do through a key what it cannot
// do itself: a grant of permissions that it does not hold, an identity that is
// not its own to lend, and a looser limit on its own key. The zero before stands
// for a key that is made, or handed over whole.
func (k *Keys) mayWiden(ctx context.Context, who acting, before, after Key) error {
	held, err := k.holds(ctx, before)
	if err != nil {
		return err
	}
	if k.revives(before, after) {
		held = nil
	}
	grants, err := k.holds(ctx, after)
	if err != nil {
		return err
	}
	if err := who.mayGrant(grants.Without(held)); err != nil {
		return err
	}
	if err := k.mayLend(ctx, who, before, after); err != nil {
		return err
	}
	if who.key != nil && who.key.ID == before.ID && !maps.Equal(before.limits(), after.limits()) {
		return &Error{Kind: Forbidden, Detail: "A key cannot change its own limits."}
	}
	return nil
}

// holds is what a key grants now; a key whose policy or user is gone, or that is
// none yet, grants nothing.
func (k *Keys) holds(ctx context.Context, key Key) (Permissions, error) {
	if key.Org == "" {
		return nil, nil
	}
	grant, err := Resolve(ctx, k.Store, &key)
	if err != nil && KindOf(err) == Unauthenticated {
		return nil, nil
	}
	return grant.Permissions, err
}

// revives reports whether a change makes usable again, at once or by time alone,
// a key that was not: that is as good as making it.
func (k *Keys) revives(before, after Key) bool {
	now := k.Now()
	return !before.ID.IsZero() && !before.usable(now) && after.usable(now)
}

// usable reports whether the key is or will be live without another change.
func (k Key) usable(now time.Time) bool {
	return !k.Disabled && (k.ExpiresOn.IsZero() || now.Before(k.ExpiresOn))
}

// limits are the facts that bound a key's use.
func (k Key) limits() map[string]string {
	limits := k.facts()
	maps.DeleteFunc(limits, func(name, _ string) bool {
		return !slices.Contains([]string{"disabled", "notBefore", "expiresOn", "allowIps", "services"}, name)
	})
	return limits
}

// mayLend refuses a key that stands for a user to whoever is neither that user
// nor may manage everybody's keys. An OWNER's personal key is an OWNER's alone to
// give, since it can do what no permission names.
func (k *Keys) mayLend(ctx context.Context, who acting, before, after Key) error {
	wider := before.OnBehalfOf != after.OnBehalfOf || before.Narrowed && !after.Narrowed ||
		len(after.Permissions.Without(before.Permissions)) > 0 || k.revives(before, after)
	if after.OnBehalfOf.IsZero() || !before.ID.IsZero() && !wider {
		return nil
	}
	notHeld := &Error{Kind: NotHeld, Detail: "Only the user, or who may manage everybody's keys, can have a key stand for a user; for an OWNER, only an OWNER can.",
		Fields: []FieldError{{"onBehalfOf", FieldNotHeld, "You cannot act for this user."}}}
	if self := who.grant.User; self != nil && self.ID == after.OnBehalfOf {
		if who.key != nil && who.key.Narrowed && !after.Narrowed {
			return notHeld
		}
		return nil
	}
	if !who.grant.Permissions.HasAny(who.manageable()...) {
		return notHeld
	}
	if after.Type != TypePersonal {
		return nil
	}
	user, err := k.Store.User(ctx, who.Org, after.OnBehalfOf)
	if err != nil {
		return missing("read the user of a key", err)
	}
	if user.Role == RoleOwner && !who.owner() {
		return notHeld
	}
	return nil
}
