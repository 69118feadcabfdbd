package actors

import (
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// self returns the user whose own keys the caller manages without a permission
// (the Polyteia document); nil for none, as for a narrowed key.
func (w *world) self(c *call) *user {
	if c.key != nil && c.key.Narrowed {
		return nil
	}
	return w.acting(c)
}

// owns reports whether a personal key is the caller's own: the key it calls
// with, or one of its user's.
func (w *world) owns(c *call, id uuid.UUID) bool {
	k := w.key(id)
	if k == nil || k.Type != apikey.TypePersonal {
		return false
	}
	self := w.self(c)
	return k == c.key || self != nil && self.ID == k.OnBehalfOf
}

// makes returns a function that reports whether a caller who holds that may
// create some keys.
func (e *episode) makes(c *call) func(powers) bool {
	return func(held powers) bool { return c.manages(held) || e.self(c) != nil && !e.organization.NoSelfService }
}

// allowedOwn returns an error if somebody without the permission to create keys
// creates one that is not personal, not the caller's own, or looser than the
// caller's key.
func (w *world) allowedOwn(c *call, held powers, k apikey.Key) error {
	if c.person == nil || c.manages(held) {
		return nil
	}
	self := w.self(c)
	switch {
	case self == nil || k.Type != apikey.TypePersonal || k.OnBehalfOf != self.ID:
		return errors.New("a key was made that is not the caller's own")
	case w.organization.NoSelfService:
		return errors.New("a key was made by self service, which is off")
	case len(w.keys) >= (w.organization.MaxKeys+1)/2:
		return errors.New("a key was made by self service beyond half of the quota")
	case c.key != nil && opensMore(c.key.Key, k, w.now()):
		return errors.New("a key was made that is looser than the one that made it")
	}
	return nil
}

// allowedEnd returns an error if a change does more than disable a key that the
// caller may only disable or delete.
func (w *world) allowedEnd(c *call, held powers, before, after apikey.Key) error {
	if c.ends == nil || !c.ends(held) {
		return nil
	}
	more := after.Name != before.Name || after.Description != before.Description || after.Narrowed != before.Narrowed || after.OnBehalfOf != before.OnBehalfOf ||
		powersOf(after.Permissions...) != powersOf(before.Permissions...) || before.Disabled && !after.Disabled ||
		opensMore(before, after, w.now()) || opensMore(after, before, w.now()) && !after.Disabled
	if more {
		return errors.New("a key was changed by a caller who may only end it")
	}
	return nil
}
