package actors

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// apply updates the world with one write of a change. by is its giver.
func (w *world) apply(c *call, by gift, write apikey.Write) {
	switch v := write.(type) {
	case apikey.CreateKey:
		k := &key{open: by, creator: w.actor(c)}
		w.keys = append(w.keys, k)
		if c.person != nil {
			k.seen = append(k.seen, sight{c.person, by, v.Key.Generation})
		}
		w.writeKey(c, k, v.Key, by)
	case apikey.ReplaceKey:
		w.replaceKey(c, v.Before, v.After, by)
	case apikey.DeleteKey:
		w.keys = slices.DeleteFunc(w.keys, func(k *key) bool { return k.ID == v.Key.ID })
		w.tombstones = slices.DeleteFunc(w.tombstones, func(k *key) bool { return k.ID == v.Key.ID })
	case apikey.CreatePolicy:
		w.policies = append(w.policies, &policy{})
		w.writePolicy(w.policies[len(w.policies)-1], v.Policy, by)
	case apikey.ReplacePolicy:
		w.writePolicy(the(w.policies, func(p *policy) bool { return p.ID == v.Before.ID }), v.After, by)
	case apikey.DeletePolicy:
		w.policies = slices.DeleteFunc(w.policies, func(p *policy) bool { return p.ID == v.Policy.ID })
	case apikey.CreateUser:
		w.users = append(w.users, &user{})
		w.writeUser(w.users[len(w.users)-1], v.User, by)
	case apikey.ReplaceUser:
		w.writeUser(w.user(v.Before.ID), v.After, by)
	case apikey.DeleteUser:
		w.users = slices.DeleteFunc(w.users, func(u *user) bool { return u.ID == v.User.ID })
	case apikey.CreateOrganization:
		w.organization = v.Organization
	case apikey.ReplaceOrganization:
		w.organization = v.After
	case apikey.ReplaceStatus:
		w.suspended = v.After.Suspended
	}
}

// replaceKey changes, deletes or restores a key. Whoever restores it gives it all
// that it has, and it is still known to everybody who has seen it.
func (w *world) replaceKey(c *call, before, after apikey.Key, by gift) {
	same := func(k *key) bool { return k.ID == before.ID }
	switch k := w.tombstone(before.ID); {
	case k != nil:
		w.tombstones, w.keys = slices.DeleteFunc(w.tombstones, same), append(w.keys, k)
		labelled := k.labelled
		k.Key, k.grant = apikey.Key{}, gifts{}
		w.writeKey(c, k, after, by)
		k.labelled = labelled // its creator decided that, and it cannot be changed later
	case after.Deleted():
		k := w.key(before.ID)
		w.keys, w.tombstones = slices.DeleteFunc(w.keys, same), append(w.tombstones, k)
		k.Key = after
	default:
		w.writeKey(c, w.key(before.ID), after, by)
	}
}

func (w *world) writeKey(c *call, k *key, after apikey.Key, by gift) {
	isNew, before := k.Version == 0, k.Key
	k.Key = after
	passing := powersOf(after.Permissions...)
	if after.Type == apikey.TypePersonal && !after.Narrowed {
		passing = everything
	}
	k.grant.become(passing, by)
	if isNew || before.Policy != after.Policy {
		k.policy = by
	}
	if isNew || before.OnBehalfOf != after.OnBehalfOf {
		k.user = by
		k.labelled = c.managesAll(by.held)
	}
	if isNew || opensMore(before, after, w.now()) {
		k.open = by
	}
}

func (w *world) writePolicy(p *policy, after apikey.Policy, by gift) {
	p.Policy = after
	p.grant.become(powersOf(after.Permissions...), by)
}

func (w *world) writeUser(u *user, after apikey.User, by gift) {
	isNew, before := u.Version == 0, u.User
	u.User = after
	u.role.become(powersOfRole(after.Role), by)
	u.grant.become(powersOf(after.Permissions...), by)
	if isNew || before.Policy != after.Policy {
		u.policy = by
	}
	if isNew || before.Email != after.Email {
		u.address = by
	}
}
