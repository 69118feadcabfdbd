package actors

import (
	"context"
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// editKey changes one or two fields of a key.
func (e *episode) editKey(ctx context.Context, c *call) {
	id := e.aKey(c, e.manageable(c))
	var edit apikey.Edit
	changes := []string{}
	for range 1 + e.random.IntN(2) {
		changes = append(changes, e.change(c, &edit))
	}
	c.may, c.ends = e.mayChange(c, id), e.mayEnd(c, id)
	version := int64(0)
	if k := e.key(id); k != nil {
		version = e.version(k.Version)
	}
	_ = e.attempt(ctx, c, "changes "+e.keyName(id)+": "+strings.Join(changes, ", "), func() error {
		_, _, err := e.rules.Patch(ctx, c.caller(), id, version, edit)
		return err
	})
}

// narrowKey takes permissions from a key, or disables it.
func (e *episode) narrowKey(ctx context.Context, c *call) {
	id := e.aKey(c, e.manageable(c))
	edit, what := apikey.Edit{Disabled: new(true)}, "disables "
	if e.oneIn(2) {
		edit, what = apikey.Edit{Permissions: &permission.Set{}}, "takes all permissions from "
	}
	c.may, c.ends = e.mayChange(c, id), e.mayEnd(c, id)
	_ = e.attempt(ctx, c, what+e.keyName(id), func() error {
		_, _, err := e.rules.Patch(ctx, c.caller(), id, 0, edit)
		return err
	})
}

// version returns no version, the current one or, rarely, a wrong one.
func (e *episode) version(current int64) int64 {
	return pick(e, []int64{0, 0, 0, current, current, current, current + 1})
}

// mayChange returns a function that reports whether a caller who holds that may
// change a key in some way.
func (e *episode) mayChange(c *call, id uuid.UUID) func(powers) bool {
	return func(held powers) bool { return e.owns(c, id) || !e.mayEnd(c, id)(held) }
}

// mayEnd returns a function that reports whether a caller who holds that may
// only disable or delete a key, because it is the caller's own.
func (e *episode) mayEnd(c *call, id uuid.UUID) func(powers) bool {
	return func(held powers) bool { return !c.managesAll(held) && (!c.manages(held) || !e.created(c, id)) }
}

// created reports whether the caller created a key.
func (e *episode) created(c *call, id uuid.UUID) bool {
	k := e.key(id)
	return k != nil && k.creator == e.actor(c)
}

// change sets a random field of an edit, and describes it for the trace.
func (e *episode) change(c *call, edit *apikey.Edit) string {
	switch e.random.IntN(12) {
	case 0, 1:
		permissions := e.some(c, 3).permissions()
		edit.Permissions = &permissions
		return fmt.Sprintf("permissions %v", permissions)
	case 2:
		narrowed := e.oneIn(2)
		edit.Narrowed = &narrowed
		return fmt.Sprintf("narrowed %v", narrowed)
	case 3:
		id := e.aPolicy(c)
		edit.Policy = &id
		return "policy " + e.policyName(id)
	case 4, 5:
		id := e.aUser(c)
		if e.oneIn(5) || c.aim.key != nil && c.aim.key.Type == apikey.TypeService {
			id = uuid.UUID{}
		}
		edit.OnBehalfOf = &id
		return "on behalf of " + e.nameOf(id)
	case 6, 7, 8:
		disabled := e.oneIn(2)
		edit.Disabled = &disabled
		return fmt.Sprintf("disabled %v", disabled)
	case 9:
		set := pick(e, addressSets)
		edit.AllowIPs = &set
		return fmt.Sprintf("from %v", set)
	case 10:
		set := pick(e, serviceSets)
		edit.Services = &set
		return fmt.Sprintf("for services %v", set)
	}
	at := e.expiry()
	if edit.ExpiresOn = &at; e.oneIn(3) {
		at = e.hour(e.random.IntN(3))
		edit.ExpiresOn, edit.NotBefore = nil, &at
		return "not before " + clockTime(at)
	}
	return "until " + clockTime(at)
}
