package actors

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// call is one call of the rules, from its first read to its answer.
type call struct {
	kind string
	// person is who calls; nil for the operator and for a sweep. The credential
	// is key, or an access token of user.
	person *person
	key    *key
	user   *user
	// generation numbers the secret of key that the caller has.
	generation int
	// by is what the caller held at the call's latest change.
	by gift
	// known is the user whom the gateway saw behind the key, which may be
	// wrong.
	known  uuid.UUID
	scoped bool
	// may reports whether those powers are enough for the call.
	may func(held powers) bool
	// ends reports whether a caller with those powers may only disable or
	// delete the key; nil if the call changes no key.
	ends func(held powers) bool
	// continues is the action of the call's first change, if the call goes on
	// to finish the work that this change begins.
	continues apikey.Action
	// cleaning says that the current change is part of that work.
	cleaning bool
	// unconfirmed says that a policy may be deleted only if no key has it.
	unconfirmed bool
	// address is the e-mail address that the call gives a user.
	address string
	// calm says that no other call interrupts this one.
	calm bool
	// aim is what the call is about, so that interrupting calls can choose the
	// same. at, if set, is what the call must be about.
	aim aim
	at  *aim
	// commits counts the call's committed changes, and stale those that were
	// refused as Stale.
	commits, stale int
}

// aim is a key, a user or a policy that a call is about. If all are nil, it is
// about the organization.
type aim struct {
	key    *key
	user   *user
	policy *policy
}

// caller returns the caller as an adapter passes it to the rules.
func (c *call) caller() apikey.Caller {
	by := apikey.Caller{Org: demo, User: c.known, Scoped: c.scoped}
	if c.key != nil {
		by.Key, by.Generation = c.key.ID, c.generation
	} else {
		by.User = c.user.ID
	}
	return by
}

// managesAll reports whether the permissions let the caller manage everybody's
// keys, and manages whether they allow that for keys the caller created (the
// Polaris document; the scopes are the Supermetrics document's).
func (c *call) managesAll(held powers) bool {
	return held.any(permission.AdministerAPIKeys) || c.scoped && held.any(permission.WriteAPIKeysScope)
}

func (c *call) manages(held powers) bool {
	return c.managesAll(held) || held.any(permission.ManageAPIKeys)
}

// seesAll and sees report the same for looking at keys.
func (c *call) seesAll(held powers) bool {
	return c.managesAll(held) || c.scoped && held.any(permission.ReadAPIKeysScope)
}

func (c *call) sees(held powers) bool { return c.seesAll(held) || held.any(permission.ManageAPIKeys) }

// actsAsUser reports whether the caller is a user, or a key that acts as one.
func (c *call) actsAsUser() bool {
	return c.user != nil || c.key != nil && c.key.Type == apikey.TypePersonal
}

// cleans reports whether a change finishes the work that an earlier change
// began. Such a change takes away and gives nothing.
func (c *call) cleans(change apikey.Change) bool {
	return c.continues != "" && change.Audits[0].Action != c.continues
}

// actor returns the id under which the rules record what a call does; empty for
// the operator.
func (w *world) actor(c *call) string {
	switch {
	case c.user != nil:
		return c.user.ID.String()
	case c.key == nil:
		return ""
	case c.key.Type == apikey.TypePersonal:
		return c.key.OnBehalfOf.String()
	}
	return c.key.ID.String()
}

// acting returns the user whom the caller acts as; nil for a key that acts for
// itself.
func (w *world) acting(c *call) *user {
	switch {
	case c.user != nil:
		return c.user
	case c.key != nil && c.key.Type == apikey.TypePersonal:
		return w.user(c.key.OnBehalfOf)
	}
	return nil
}
