package actors

import (
	"context"

	"github.com/keyward/keyward/shared/permission"
)

// operation is one kind of call, with a weight for how often it is tried.
type operation struct {
	kind   string
	weight int
	// hopeful reports whether the call of a caller who holds that may succeed.
	hopeful func(c *call, held powers) bool
	do      func(e *episode, ctx context.Context, c *call)
}

var operations = []operation{
	{"create a key", 20, managesSome, (*episode).createKey},
	{"change a key", 22, managesSome, (*episode).editKey},
	{"narrow a key", 2, managesSome, (*episode).narrowKey},
	{"delete a key", 6, managesSome, (*episode).deleteKey},
	{"restore a key", 5, managesSome, (*episode).restoreKey},
	{"reveal a key", 7, (*call).sees, (*episode).reveal},
	{"rotate a key", 9, rotatesSome, (*episode).rotateKey},
	{"end a secret", 3, rotatesSome, (*episode).endSecret},
	{"look at a key", 4, seesSome, (*episode).get},
	{"examine a key", 3, with(permission.VerifyAPIKeys), (*episode).examine},
	{"who am I", 4, anybody, (*episode).whoAmI},
	{"pass a key on", 3, anybody, (*episode).passOn},
	{"create a policy", 5, with(permission.AdministerPolicies), (*episode).createPolicy},
	{"change a policy", 9, with(permission.AdministerPolicies), (*episode).editPolicy},
	{"delete a policy", 4, with(permission.AdministerPolicies), (*episode).deletePolicy},
	{"add a user", 6, with(permission.AdministerUsers), (*episode).createUser},
	{"change a user", 14, with(permission.AdministerUsers), (*episode).editUser},
	{"narrow a user", 3, with(permission.AdministerUsers), (*episode).narrowUser},
	{"promote or demote", 6, withOwner, (*episode).promote},
	{"remove a user", 5, with(permission.AdministerUsers), (*episode).deleteUser},
	{"register a service", 3, with(permission.AdministerServices), (*episode).putService},
	{"delete a service", 1, with(permission.AdministerServices), (*episode).deleteService},
	{"change settings", 3, withOwner, (*episode).settings},
}

func anybody(*call, powers) bool { return true }

// managesSome and seesSome are also true for callers who act as users, because
// they have keys of their own.
func managesSome(c *call, held powers) bool { return c.manages(held) || c.actsAsUser() }

// rotatesSome is also true for a key that may rotate itself.
func rotatesSome(c *call, held powers) bool {
	return managesSome(c, held) || held.any(permission.SelfRotate)
}

func seesSome(c *call, held powers) bool { return c.sees(held) || c.actsAsUser() }

func withOwner(_ *call, held powers) bool { return held&owner != 0 }

func with(permission string) func(*call, powers) bool {
	return func(_ *call, held powers) bool { return held.any(permission) }
}

// act makes one call by a person or the operator, or lets time pass. Time does
// not pass during a call, because the caller's key could expire.
func (e *episode) act(ctx context.Context) {
	switch {
	case e.suspended && e.oneIn(2), e.oneIn(200):
		e.suspend(ctx)
	case e.oneIn(60):
		e.sweep(ctx)
	case e.oneIn(150):
		e.bootstrap(ctx)
	case len(e.calls) == 0 && e.oneIn(20):
		e.wait()
	case e.oneIn(3) && e.reemploy(ctx):
	default:
		c := e.calling()
		held, _ := e.held(c)
		o := e.operation()
		for n := 0; n < 12 && !o.hopeful(c, held) && !e.oneIn(15); n++ {
			o = e.operation()
		}
		c.kind = o.kind
		o.do(e, ctx, c)
	}
}

// operation chooses an operation by weight.
func (e *episode) operation() operation {
	total := 0
	for _, o := range operations {
		total += o.weight
	}
	n := e.random.IntN(total)
	for _, o := range operations[1:] {
		if n -= o.weight; n < 0 {
			return o
		}
	}
	return operations[0]
}

// only returns the operations of those kinds, in that order.
func only(kinds ...string) (chosen []operation) {
	for _, kind := range kinds {
		for _, o := range operations {
			if o.kind == kind {
				chosen = append(chosen, o)
			}
		}
	}
	return chosen
}
