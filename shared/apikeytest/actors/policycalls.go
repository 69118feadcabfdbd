package actors

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// maxUsers and maxPolicies keep the organization small, so that calls often
// concern the same records.
const (
	maxUsers    = 10
	maxPolicies = 6
)

func (e *episode) createPolicy(ctx context.Context, c *call) {
	if len(e.policies) >= maxPolicies {
		e.editPolicy(ctx, c)
		return
	}
	d := apikey.PolicyDraft{Name: e.name("p"), Permissions: e.some(c, 4).permissions()}
	c.may = mayWrite(permission.AdministerPolicies)
	_ = e.attempt(ctx, c, fmt.Sprintf("creates policy %s of %v", d.Name, d.Permissions), func() error {
		_, err := e.rules.CreatePolicy(ctx, c.caller(), d)
		return err
	})
}

func mayWrite(permission string) func(powers) bool {
	return func(held powers) bool { return held.any(permission) }
}

// editPolicy takes permissions from a policy, adds some, or leaves it as it is.
// It only takes permissions from a policy that the interrupted call depends on.
func (e *episode) editPolicy(ctx context.Context, c *call) {
	p := e.policy(e.aPolicy(c))
	if p == nil {
		return
	}
	next := p.grant.powers
	switch n := e.random.IntN(3); {
	case n == 0 || c.at != nil:
		next &^= powers(e.random.Uint32())
	case n == 1:
		next |= e.some(c, 3)
	}
	d := apikey.PolicyDraft{Name: p.Name, Permissions: next.permissions()}
	c.may = mayWrite(permission.AdministerPolicies)
	_ = e.attempt(ctx, c, fmt.Sprintf("makes policy %s one of %v", p.Name, d.Permissions), func() error {
		_, err := e.rules.ReplacePolicy(ctx, c.caller(), p.ID, e.version(p.Version), d)
		return err
	})
}

// deletePolicy deletes an unused policy, or gets the confirmation and deletes
// the policy with its keys.
func (e *episode) deletePolicy(ctx context.Context, c *call) {
	if len(e.policies) == 0 {
		e.createPolicy(ctx, c)
		return
	}
	id := e.aPolicy(c)
	c.may, c.continues = mayWrite(permission.AdministerPolicies), apikey.ActionDeletePolicy
	if e.oneIn(5) {
		_ = e.attempt(ctx, c, "deletes policy "+e.policyName(id)+" unasked", func() error {
			return e.rules.ForceDeletePolicy(ctx, c.caller(), id, 0)
		})
		return
	}
	c.unconfirmed = true
	err := e.attempt(ctx, c, "deletes policy "+e.policyName(id), func() error { return e.rules.DeletePolicy(ctx, c.caller(), id, 0, "") })
	refused, ok := errors.AsType[*apikey.Error](err)
	if !ok || refused.Use == nil || e.oneIn(3) || e.fault != nil {
		return
	}
	again := &call{
		kind: "delete a policy with its keys", person: c.person, key: c.key, generation: c.generation, user: c.user, may: c.may, continues: c.continues, aim: c.aim,
	}
	_ = e.attempt(ctx, again, "deletes policy "+e.policyName(id)+" with its keys", func() error {
		return e.rules.DeletePolicy(ctx, c.caller(), id, 0, refused.Use.Confirm)
	})
}
