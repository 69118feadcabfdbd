package actors

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// committed applies a committed change to the world, and returns what is wrong
// with it.
func (w *world) committed(c *call, change apikey.Change) error {
	c.cleaning = c.cleans(change)
	by, err := w.giver(c, change)
	if err != nil {
		return err
	}
	c.commits++
	c.by = by
	for _, write := range change.Writes {
		if err := w.allowed(c, by, write); err != nil {
			return err
		}
	}
	w.changes++
	for _, write := range change.Writes {
		w.apply(c, by, write)
	}
	for _, write := range change.Writes {
		if err := w.ended(write); err != nil {
			return err
		}
	}
	for _, record := range change.Audits {
		if err := w.recorded(record); err != nil {
			return err
		}
	}
	return w.sound()
}

// giver returns what a call can give: what its caller holds at this moment,
// whatever the rules have read before.
func (w *world) giver(c *call, change apikey.Change) (gift, error) {
	by := gift{at: w.changes + 1}
	if c.cleaning {
		return by, nil
	}
	if c.person == nil { // the operator
		by.held = everything
		return by, nil
	}
	held, valid := w.held(c)
	by.held = held
	record := change.Audits[0]
	switch {
	case !valid:
		return by, fmt.Errorf("a caller who is not valid any more changed something")
	case !c.may(held):
		return by, fmt.Errorf("a caller who holds %v may not do this", held)
	case c.commits > 0:
		return by, fmt.Errorf("the call changed something twice")
	case record.Org != demo || record.Actor.UserID != w.actor(c) || record.Key != c.caller().Key:
		return by, fmt.Errorf("it was recorded as done by %+v with key %s in %s", record.Actor, record.Key, record.Org)
	}
	return by, nil
}

// ended returns an error if a user's key is live after a promotion or removal
// that must disable it.
func (w *world) ended(write apikey.Write) error {
	switch v := write.(type) {
	case apikey.ReplaceUser:
		promoted := v.Before.Role != apikey.RoleOwner && v.After.Role == apikey.RoleOwner
		for _, k := range w.keys {
			if promoted && k.Type == apikey.TypePersonal && k.OnBehalfOf == v.After.ID && !k.Disabled {
				return fmt.Errorf("%s is live after the promotion of its user", k.Name)
			}
		}
	case apikey.DeleteUser:
		if n := w.keysOf(v.User); n > 0 && v.Counted { // otherwise they are dead, and disabled afterwards
			return fmt.Errorf("%d personal keys stay of a user who is removed", n)
		}
	}
	return nil
}

// recorded returns an error if something still holds a permission whose
// withdrawal ends.
func (w *world) recorded(record apikey.AuditRecord) error {
	if record.Action != apikey.ActionWithdrawPermission {
		return nil
	}
	gone := powersOf(strings.Split(record.Target, ",")...)
	for _, k := range w.keys {
		if powersOf(k.Permissions...)&gone != 0 {
			return fmt.Errorf("%s keeps a withdrawn permission", k.Name)
		}
	}
	for _, u := range w.users {
		if u.grant.powers&gone != 0 {
			return fmt.Errorf("%s keeps a withdrawn permission", u.Name)
		}
	}
	for _, p := range w.policies {
		if p.grant.powers&gone != 0 && !p.Deleted {
			return fmt.Errorf("%s keeps a withdrawn permission", p.Name)
		}
	}
	return nil
}
