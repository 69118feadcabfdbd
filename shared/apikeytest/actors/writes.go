package actors

import (
	"errors"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// errForeign reports a write of something that the organization does not have.
var errForeign = errors.New("something changed that the organization does not have")

// allowed returns an error if a write may not be made. It does not check what
// the write grants; [world.sound] does.
func (w *world) allowed(c *call, by gift, write apikey.Write) error {
	switch v := write.(type) {
	case apikey.CreateKey:
		return errors.Join(w.allowedNew(c, v.Key), w.allowedOwn(c, by.held, v.Key), w.allowedKey(c, by, nil, v.Key))
	case apikey.ReplaceKey:
		if w.tombstone(v.Before.ID) != nil {
			return w.allowedRestored(c, by, v.After)
		}
		if k := w.key(v.Before.ID); k != nil {
			if v.After.Deleted() {
				return nil
			}
			return errors.Join(w.allowedSecrets(c, k.Key, v.After), w.allowedEnd(c, by.held, k.Key, v.After), w.allowedKey(c, by, k, v.After))
		}
		return errForeign
	case apikey.DeleteKey:
		if w.key(v.Key.ID) == nil && w.tombstone(v.Key.ID) == nil {
			return errForeign
		}
	case apikey.CreateUser:
		return w.declared(0, powersOf(v.User.Permissions...))
	case apikey.ReplaceUser:
		if err := w.allowedUser(c, by, v.Before.ID); err != nil {
			return err
		}
		return w.declared(w.user(v.Before.ID).grant.powers, powersOf(v.After.Permissions...))
	case apikey.DeleteUser:
		return w.allowedUser(c, by, v.User.ID)
	case apikey.CreatePolicy:
		return w.declared(0, powersOf(v.Policy.Permissions...))
	case apikey.ReplacePolicy:
		if n := w.keysUnder(v.After); c.unconfirmed && v.After.Deleted && n > 0 {
			return fmt.Errorf("a policy of %d keys goes without a confirmation", n)
		}
		if p := w.policy(v.Before.ID); p != nil {
			return w.declared(p.grant.powers, powersOf(v.After.Permissions...))
		}
		return errForeign
	}
	return nil
}

// allowedNew returns an error if a new key violates the organization's
// settings. The operator's key may exceed the quota and the lifetime.
func (w *world) allowedNew(c *call, k apikey.Key) error {
	lifetime := w.organization.MaxKeyLifetime
	switch {
	case k.Org != demo:
		return errForeign
	case len(w.keys) >= w.organization.MaxKeys && c.person != nil:
		return fmt.Errorf("a key more than the %d of the quota", w.organization.MaxKeys)
	case k.Recoverable && !w.organization.Recoverable:
		return errors.New("a recoverable key, which the organization does not allow")
	case lifetime > 0 && c.person != nil && (k.ExpiresOn.IsZero() || k.ExpiresOn.Sub(k.CreatedOn) > lifetime):
		return fmt.Errorf("a key that lasts longer than %v", lifetime)
	}
	return nil
}

// allowedRestored returns an error if a key comes back enabled, beyond the quota,
// without what it depends on, or with what its caller could not give it.
func (w *world) allowedRestored(c *call, by gift, k apikey.Key) error {
	switch {
	case !k.Disabled || k.Deleted():
		return errors.New("a key came back enabled")
	case len(w.keys) >= w.organization.MaxKeys:
		return fmt.Errorf("a key came back beyond the %d of the quota", w.organization.MaxKeys)
	case !k.Policy.IsZero() && w.policy(k.Policy) == nil, !k.OnBehalfOf.IsZero() && w.user(k.OnBehalfOf) == nil:
		return errors.New("a key came back whose policy or user is gone")
	}
	return w.allowedKey(c, by, nil, k)
}

// allowedKey returns an error if a key may not be created (before is nil) or
// changed. A key that can do more than before also does that in its user's
// name.
func (w *world) allowedKey(c *call, by gift, before *key, after apikey.Key) error {
	was, passing, opened := apikey.Key{}, powers(0), true
	if before != nil {
		was, passing, opened = before.Key, before.grant.powers, opensMore(before.Key, after, w.now())
	}
	if opened && before != nil && before == c.key {
		return errors.New("a key loosened its own limits")
	}
	listed := powersOf(after.Permissions...)
	if bad := listed &^ passing &^ by.held; bad != 0 {
		return fmt.Errorf("%v was written into a key by a caller who holds %v", bad, by.held)
	}
	gains := listed&^powersOf(was.Permissions...) != 0 || was.Narrowed && !after.Narrowed ||
		was.Policy != after.Policy || was.OnBehalfOf != after.OnBehalfOf
	if (opened || gains) && !w.mayStand(c, by.held, after) {
		return fmt.Errorf("a key stands for %s, whose identity was not the caller's to lend", w.nameOf(after.OnBehalfOf))
	}
	return w.declared(powersOf(was.Permissions...), listed)
}

// allowedUser returns an error if somebody who is not an OWNER changes an
// OWNER.
func (w *world) allowedUser(c *call, by gift, id uuid.UUID) error {
	switch u := w.user(id); {
	case u == nil:
		return errForeign
	case u.Role == apikey.RoleOwner && by.held&owner == 0 && !c.cleaning:
		return fmt.Errorf("an OWNER was changed by a caller who holds %v", by.held)
	}
	return nil
}

// declared returns an error if permissions are added that the catalogue does
// not have.
func (w *world) declared(before, after powers) error {
	catalogue := own
	for _, p := range w.organization.Declared {
		catalogue |= powersOf(p.Name)
	}
	if unknown := after &^ before &^ catalogue; unknown != 0 {
		return fmt.Errorf("%v was given, which no service declares", unknown)
	}
	return nil
}
