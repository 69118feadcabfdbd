package actors

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// sourcesOfUser returns where a user has permissions from.
func (w *world) sourcesOfUser(u *user) []source {
	sources := []source{{&u.role, gift{}}, {&u.grant, gift{}}}
	if p := w.policy(u.Policy); p != nil {
		sources = append(sources, source{&p.grant, u.policy})
	}
	return sources
}

// sourcesOf returns where a key has permissions from. passing holds the only
// ones that a narrowed key lets pass; nil for all. A key whose user or policy
// is gone is dead.
func (w *world) sourcesOf(k *key) (sources []source, passing *gifts, dead bool) {
	switch {
	case k.Type == apikey.TypePersonal:
		u := w.user(k.OnBehalfOf)
		if u == nil {
			return nil, nil, true
		}
		for _, s := range w.sourcesOfUser(u) {
			sources = append(sources, source{s.gifts, latest(k.user, s.link)})
		}
		return sources, &k.grant, false
	case !k.Policy.IsZero():
		p := w.policy(k.Policy)
		if p == nil {
			return nil, nil, true
		}
		return []source{{&p.grant, k.policy}}, nil, false
	}
	return []source{{&k.grant, gift{}}}, nil, false
}

// holdsUser returns what a user holds.
func (w *world) holdsUser(u *user) (held powers) {
	for _, s := range w.sourcesOfUser(u) {
		held |= s.powers
	}
	return held
}

// holds returns what a key grants, whether or not it is usable at the moment.
func (w *world) holds(k *key) (held powers, dead bool) {
	sources, passing, dead := w.sourcesOf(k)
	for _, s := range sources {
		held |= s.powers
	}
	if passing != nil {
		held &= passing.powers
	}
	return held, dead
}

// held returns what the caller holds at this moment. valid is false if the
// credential is not valid.
func (w *world) held(c *call) (held powers, valid bool) {
	switch {
	case w.suspended:
		return 0, false
	case c.user != nil:
		u := w.user(c.user.ID)
		if u == nil {
			return 0, false
		}
		return w.holdsUser(u), true
	case c.key != nil && w.key(c.key.ID) != nil:
		held, dead := w.holds(c.key)
		if dead || !opens(c.key.Key, w.now()) || !works(c.key.Key, c.generation, w.now()) {
			return 0, false
		}
		return held, true
	}
	return 0, false
}

// representative returns the first user who is OWNER or ADMIN.
func (w *world) representative() (id uuid.UUID) {
	var first *user
	for _, u := range w.users {
		earlier := first == nil || u.CreatedOn.Before(first.CreatedOn) ||
			u.CreatedOn.Equal(first.CreatedOn) && u.ID.String() < first.ID.String()
		if represents(u.Role) && earlier {
			first, id = u, u.ID
		}
	}
	return id
}

// identity returns the user that guarded APIs see for a key, and whether it is
// only the representative.
func (w *world) identity(k *key) (id uuid.UUID, byDefault bool) {
	switch {
	case k.Type == apikey.TypeService:
		return id, false
	case w.user(k.OnBehalfOf) != nil:
		return k.OnBehalfOf, false
	case k.Type == apikey.TypeShared && k.labelled:
		id = w.representative()
		return id, !id.IsZero()
	}
	return id, false
}

// mayStand reports whether a caller may let a key stand for its user. The user
// may, except that a narrowed key may do so only for a narrowed key. So may a
// caller who manages everybody's keys, but an OWNER's personal key takes an
// OWNER. A shared key without a user stands for the representative.
func (w *world) mayStand(c *call, held powers, k apikey.Key) bool {
	u := w.user(k.OnBehalfOf)
	switch {
	case k.Type == apikey.TypeService || k.Type == apikey.TypePersonal && u == nil:
		return true
	case u != nil && w.acting(c) == u:
		return c.key == nil || !c.key.Narrowed || k.Narrowed
	case k.Type == apikey.TypePersonal && u.Role == apikey.RoleOwner:
		return held&owner != 0
	}
	return c.managesAll(held)
}
