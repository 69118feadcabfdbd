package apikey

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
)

// mayForceLockout reports whether the caller may force writes after which no key
// could administer keys. An OWNER may, and so may a holder of
// [permission.AdministerAPIKeys]. Anyone else may force only writes that change or
// delete nothing but their own keys.
func (who principal) mayForceLockout(writes []Write) bool {
	if who.isOwner() || who.grant.Permissions.Has(permission.AdministerAPIKeys) {
		return true
	}
	return !slices.ContainsFunc(writes, func(w Write) bool {
		switch w := w.(type) {
		case ReplaceKey:
			return !who.holdsKey(w.Before)
		case DeleteKey:
			return !who.holdsKey(w.Key)
		case Require:
			return false
		}
		return true
	})
}

// holdsKey reports whether the key is the caller's: the one it uses, or one of
// its user's.
func (who principal) holdsKey(key Key) bool {
	return who.key != nil && who.key.ID == key.ID || who.owns(key)
}

// lockoutNotice is the least time that a caller must leave its own key when it
// moves the key's expiry. With less, the key counts as one that can no longer
// administer keys.
const lockoutNotice = 10 * time.Minute

// locksItselfOut reports whether the caller changes its own key so that it
// cannot undo the change: the key is no longer usable from where the caller is,
// or only for some minutes more.
func (who principal) locksItselfOut(writes []Write, now time.Time) bool {
	soon := now.Add(lockoutNotice)
	return slices.ContainsFunc(writes, func(w Write) bool {
		change, is := w.(ReplaceKey)
		if !is || change.After.ID != who.Key {
			return false
		}
		before, after := change.Before, change.After
		moved := !after.ExpiresOn.Equal(before.ExpiresOn) && !after.ExpiresOn.IsZero()
		return moved && after.ExpiresOn.Before(soon) ||
			who.Source.IsValid() && before.AllowsSource(who.Source) && !after.AllowsSource(who.Source)
	})
}
