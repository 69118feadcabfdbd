package actors

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// The operations that change what another call depends on.
var (
	strikesAtKeys     = only("narrow a key", "change a key", "change a key", "delete a key", "restore a key", "rotate a key")
	strikesAtUsers    = only("narrow a user", "narrow a user", "change a user", "promote or demote", "remove a user", "create a key", "create a key", "create a key")
	strikesAtPolicies = only("change a policy", "change a policy", "delete a policy", "create a key", "create a key")
	strikesAtSettings = only("change settings", "register a service")
)

// strike changes or removes something that the interrupted call depends on.
// Mostly an OWNER does this.
func (e *episode) strike(ctx context.Context) {
	c := e.ownerCalls()
	if c == nil || e.oneIn(4) {
		c = e.calling()
	}
	at := pick(e, e.dependencies(e.current()))
	c.at = &at
	kinds := strikesAtSettings
	switch {
	case at.key != nil:
		kinds = strikesAtKeys
	case at.user != nil:
		kinds = strikesAtUsers
	case at.policy != nil:
		kinds = strikesAtPolicies
	}
	o := pick(e, kinds)
	c.kind = o.kind
	o.do(e, ctx, c)
}

// dependencies returns what a call is about, and what its caller has
// permissions from. Sometimes, or if there are none, it adds the zero aim,
// which means the organization.
func (e *episode) dependencies(c *call) (subjects []aim) {
	addPolicy := func(id uuid.UUID) {
		if p := e.policy(id); p != nil {
			subjects = append(subjects, aim{policy: p})
		}
	}
	addUser := func(u *user) {
		if u != nil && e.user(u.ID) == u {
			subjects = append(subjects, aim{user: u})
			addPolicy(u.Policy)
			subjects = append(subjects, e.beside(u)...)
		}
	}
	addKey := func(k *key) {
		if k != nil && e.key(k.ID) == k {
			subjects = append(subjects, aim{key: k})
			addPolicy(k.Policy)
			addUser(e.user(k.OnBehalfOf))
		}
	}
	addKey(c.key)
	addUser(c.user)
	for range 2 { // so that it is chosen more often
		addKey(c.aim.key)
		addUser(c.aim.user)
		if c.aim.policy != nil {
			addPolicy(c.aim.policy.ID)
		}
	}
	if len(subjects) == 0 || e.oneIn(3) {
		subjects = append(subjects, aim{})
	}
	return subjects
}

// beside returns what a change of a user also depends on: one of the user's
// personal keys, and another user who can represent the organization.
func (e *episode) beside(u *user) (subjects []aim) {
	for _, k := range e.keys {
		if k.Type == apikey.TypePersonal && k.OnBehalfOf == u.ID && e.oneIn(2) {
			subjects = append(subjects, aim{key: k})
			break
		}
	}
	for _, other := range e.users {
		if other != u && represents(other.Role) && represents(u.Role) && e.oneIn(2) {
			subjects = append(subjects, aim{user: other})
			break
		}
	}
	return subjects
}

// aimed returns what a call must be about, or often what the interrupted call
// is about.
func (e *episode) aimed(c *call) aim {
	switch {
	case c.at != nil:
		return *c.at
	case len(e.calls) == 0 || e.oneIn(2):
		return aim{}
	}
	return e.current().aim
}
