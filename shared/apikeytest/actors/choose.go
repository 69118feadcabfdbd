package actors

import (
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

func (e *episode) oneIn(n int) bool { return e.random.IntN(n) == 0 }

func pick[T any](e *episode, from []T) T { return from[e.random.IntN(len(from))] }

// ways returns a call for each credential that a person can use. With valid, it
// leaves out credentials that are not valid.
func (e *episode) ways(who *person, valid bool) (ways []*call) {
	add := func(c *call) {
		if _, counts := e.held(c); counts || !valid {
			ways = append(ways, c)
		}
	}
	for _, u := range e.users {
		if e.holder(u) == who {
			add(&call{person: who, user: u})
		}
	}
	for _, k := range e.keys {
		known := map[int]bool{}
		for _, seen := range k.seen {
			if seen.person == who && !known[seen.generation] {
				known[seen.generation] = true
				add(&call{person: who, key: k, generation: seen.generation})
			}
		}
	}
	return ways
}

// calling returns a call by a random person, mostly with a valid credential,
// and often by an OWNER.
func (e *episode) calling() *call {
	if c := e.ownerCalls(); c != nil && e.oneIn(8) {
		return c
	}
	for {
		who := pick(e, e.people)
		ways := e.ways(who, !e.oneIn(12))
		if len(ways) == 0 {
			ways = e.ways(who, false)
		}
		if len(ways) == 0 {
			continue
		}
		c := pick(e, ways)
		held, _ := e.held(c)
		c.scoped = held.any(permission.ReadAPIKeysScope, permission.WriteAPIKeysScope) && e.oneIn(2)
		if c.key != nil {
			c.known = pick(e, []uuid.UUID{{}, c.key.OnBehalfOf, pick(e, e.users).ID, e.foreignUser})
		}
		return c
	}
}

// aKey chooses a key: often the one that the interrupted call is about, or one
// that suits, and sometimes the caller's own.
func (e *episode) aKey(c *call, suits func(*key) bool) uuid.UUID {
	if c.aim.key = e.aimed(c).key; c.aim.key == nil && c.key != nil && e.oneIn(8) {
		c.aim.key = c.key
		return c.key.ID
	}
	for n := 0; n < 5 && len(e.keys) > 0 && (c.aim.key == nil || c.at == nil && !suits(c.aim.key)); n++ {
		c.aim.key = pick(e, e.keys)
	}
	if c.aim.key == nil || c.at == nil && e.oneIn(50) {
		return e.foreignKey
	}
	return c.aim.key.ID
}

// manageable returns a function that reports whether a key is one that the
// caller can probably change.
func (e *episode) manageable(c *call) func(*key) bool {
	held, _ := e.held(c)
	return func(k *key) bool { return c.managesAll(held) || k.creator == e.actor(c) || e.owns(c, k.ID) }
}

// aUser chooses a user like aKey. Other callers than OWNERs mostly choose users
// who are not OWNERs.
func (e *episode) aUser(c *call) uuid.UUID {
	held, _ := e.held(c)
	if c.aim.user = e.aimed(c).user; c.aim.user == nil && e.acting(c) != nil && e.oneIn(8) {
		c.aim.user = e.acting(c)
		return c.aim.user.ID
	}
	for n := 0; n < 3 && (c.aim.user == nil || c.at == nil && c.aim.user.Role == apikey.RoleOwner && held&owner == 0); n++ {
		c.aim.user = pick(e, e.users)
	}
	if c.at == nil && e.oneIn(50) {
		return e.foreignUser
	}
	return c.aim.user.ID
}

// aPolicy chooses a policy like aKey; the zero id if there is none.
func (e *episode) aPolicy(c *call) uuid.UUID {
	if c.aim.policy = e.aimed(c).policy; c.aim.policy == nil && len(e.policies) > 0 {
		c.aim.policy = pick(e, e.policies)
	}
	if c.aim.policy == nil {
		return uuid.UUID{}
	}
	return c.aim.policy.ID
}

// aRole chooses a role. Mostly, only OWNERs choose OWNER.
func (e *episode) aRole(c *call) apikey.Role {
	if held, _ := e.held(c); held&owner == 0 && !e.oneIn(6) {
		return pick(e, apikey.Roles[1:])
	}
	return pick(e, apikey.Roles)
}

// some chooses up to n permissions, mostly of those that the caller holds.
func (e *episode) some(c *call, n int) (chosen powers) {
	held, _ := e.held(c)
	if e.oneIn(8) {
		held = everything
	}
	for range e.random.IntN(n + 1) {
		chosen |= held & (1 << e.random.IntN(len(names)))
	}
	for range 4 * n {
		if chosen == 0 && e.oneIn(2) {
			chosen |= held & (1 << e.random.IntN(len(names)))
		}
	}
	return chosen
}

// name returns a name that nothing has yet.
func (e *episode) name(kind string) string {
	e.named++
	return fmt.Sprint(kind, e.named)
}

// hour returns the n-th whole hour from now.
func (e *episode) hour(n int) time.Time {
	return e.clock.Now().Truncate(time.Hour).Add(time.Duration(n) * time.Hour)
}
