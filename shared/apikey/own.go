package apikey

import "github.com/keyward/keyward/shared/keytext"

// Every user manages personal keys of their own, without a permission for it (the
// Polyteia document): makes some, unless the organization turned that off, sees
// all of them, whoever made them, and ends them. The keys of others stay
// invisible. Whoever holds a permission for keys may do what that lets them
// besides.
//
// A narrowed key was made to give away no more than it names. It has none of
// this, but for seeing and ending itself.

// self is the user whose own keys the caller manages; nil for none.
func (who principal) selfServiceUser() *User {
	if who.key != nil && who.key.Narrowed {
		return nil
	}
	return who.grant.User
}

// owns reports whether the key is one of the caller's own.
func (who principal) owns(key Key) bool {
	if key.Type != TypePersonal || key.Org != who.Org {
		return false
	}
	self := who.selfServiceUser()
	return who.key != nil && who.key.ID == key.ID || self != nil && self.ID == key.OnBehalfOf
}

// mayCreate refuses a key to whoever has no permission to make keys, unless it is
// a personal key of the caller's own.
func (who principal) authorizeCreate(org Organization, draft Draft) error {
	self := who.selfServiceUser()
	switch {
	case who.grant.Permissions.HasAny(who.createPermissions()...):
		return nil
	case self == nil || draft.Type != TypePersonal || !draft.OnBehalfOf.IsZero() && draft.OnBehalfOf != self.ID:
		return forbiddenError()
	case org.NoSelfService:
		return &Error{Kind: Forbidden, Detail: "The organization does not let its users make API keys of their own. Ask someone who manages its keys."}
	}
	return nil
}

// mayOutreach refuses a new key of the caller's user that can be used where or
// longer than the caller's own key can. Whoever may make other keys as well could make
// one without limits for the same permissions.
func (who principal) authorizeLimits(after Key) error {
	if who.key == nil || who.grant.Permissions.HasAny(who.createPermissions()...) || !after.exceedsLimits(*who.key) {
		return nil
	}
	return &Error{Kind: NotHeld, Detail: "A key makes none that has fewer limits: give the new one the addresses and services of yours, or some of them, and no later expiry."}
}

// mayChange refuses a change that does more than to end a key, where the caller
// reaches the key only because it is the caller's own.
func (who principal) authorizeChange(before, after Key) error {
	ended := before
	ended.Disabled, ended.UserPolicy = after.Disabled, after.UserPolicy
	if !who.asOwn || same(ended, after) && (after.Disabled || !before.Disabled) {
		return nil
	}
	return &Error{Kind: Forbidden, Detail: "Without a permission to manage API keys you can disable or delete your own, and change nothing else of them."}
}

// listed is whose keys a caller who holds the permissions can list: everybody's,
// where it is zero, or those of the caller's user, which are zero for none.
func (by Caller) listableOwner(held Permissions, self keytext.ID) (whose keytext.ID, ok bool) {
	if held.HasAny(by.viewPermissions()...) {
		return keytext.ID{}, true
	}
	return self, !self.IsZero()
}

// of is the filter for a user's personal keys only; ok is false where it lets none
// pass. The zero id is of everybody.
func (f KeyFilter) ownedBy(whose keytext.ID) (own KeyFilter, ok bool) {
	switch {
	case whose.IsZero():
		return f, true
	case !f.OnBehalfOf.IsZero() && f.OnBehalfOf != whose:
		return f, false
	}
	f.Personal, f.OnBehalfOf = true, whose
	return f, true
}
