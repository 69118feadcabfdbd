package apikey

import (
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Users manage their own personal keys without a permission (the Polyteia
// document). They create some, unless the organization turned that off, see all
// of them, whoever created them, and disable or delete them. They do not see
// other people's keys. A permission for keys adds to this.
//
// A narrowed key is limited to the permissions that it names. It can only see,
// disable and delete itself.

// selfServiceUser returns the user whose own keys the caller manages; nil for
// none.
func (who principal) selfServiceUser() *User {
	if who.key != nil && who.key.Narrowed {
		return nil
	}
	return who.grant.User
}

// owns reports whether the key is the caller's own.
func (who principal) owns(key Key) bool {
	if key.Type != TypePersonal || key.Org != who.Org {
		return false
	}
	self := who.selfServiceUser()
	return who.key != nil && who.key.ID == key.ID || self != nil && self.ID == key.OnBehalfOf
}

// authorizeCreate refuses a new key to a caller without a permission to create
// keys, unless it is a personal key of the caller's own.
func (who principal) authorizeCreate(org Organization, draft Draft) error {
	self := who.selfServiceUser()
	switch {
	case who.grant.Permissions.HasAny(who.createPermissions()...):
		return nil
	case self == nil || draft.Type != TypePersonal || !draft.OnBehalfOf.IsZero() && draft.OnBehalfOf != self.ID:
		return forbiddenError()
	case org.NoSelfService:
		return &Error{Kind: Forbidden, Detail: "This organization does not let users create API keys of their own. Ask someone who manages its keys."}
	}
	return nil
}

// authorizeLimits refuses a new key for the caller's own user if it can be used
// longer or in more places than the caller's key. A caller who may create other
// keys is exempt, because it could create one without limits for the same
// permissions.
func (who principal) authorizeLimits(after Key) error {
	if who.key == nil || who.grant.Permissions.HasAny(who.createPermissions()...) || !after.exceedsLimits(*who.key) {
		return nil
	}
	return &Error{Kind: NotHeld, Detail: "A key cannot create a key with fewer limits than its own. Give the new key the addresses and services of yours, or some of them, and no later expiry."}
}

// authorizeChange refuses any change but disabling, if the caller may use the
// key only because it is the caller's own.
func (who principal) authorizeChange(before, after Key) error {
	ended := before
	ended.Disabled, ended.UserPolicy = after.Disabled, after.UserPolicy
	if !who.asOwn || same(ended, after) && (after.Disabled || !before.Disabled) {
		return nil
	}
	return &Error{Kind: Forbidden, Detail: "Without a permission to manage API keys, you can only disable or delete your own keys."}
}

// listableOwner returns whose keys a caller with those permissions can list:
// zero for everybody's, or the caller's own user. If that is nobody, ok is
// false.
func (by Caller) listableOwner(held permission.Set, self uuid.UUID) (whose uuid.UUID, ok bool) {
	if held.HasAny(by.viewPermissions()...) {
		return uuid.UUID{}, true
	}
	return self, !self.IsZero()
}

// ownedBy narrows the filter to a user's personal keys; the zero id leaves it
// as it is. If no key can match, ok is false.
func (f KeyFilter) ownedBy(whose uuid.UUID) (own KeyFilter, ok bool) {
	switch {
	case whose.IsZero():
		return f, true
	case !f.OnBehalfOf.IsZero() && f.OnBehalfOf != whose:
		return f, false
	}
	f.Personal, f.OnBehalfOf = true, whose
	return f, true
}
