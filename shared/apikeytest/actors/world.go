package actors

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// demo is the organization whose actors the model knows, stranger another one.
const (
	demo     apikey.OrgID = "demo"
	stranger apikey.OrgID = "stranger"
)

// world is the organization as it must be after the changes so far.
type world struct {
	keys     []*key
	users    []*user
	policies []*policy
	people   []*person
	// organization holds the settings and the catalogue; its counts are not kept.
	organization apikey.Organization
	suspended    bool
	// changes counts the changes so far.
	changes int
	now     func() time.Time
}

// person is somebody with e-mail addresses: an access token makes them the user
// who has one of these.
type person struct {
	name      string
	addresses []string
}

// key is a key, and how all that it can do was given.
type key struct {
	apikey.Key
	// grant are the permissions that were written into it; of a personal key,
	// those of its user's that it lets pass.
	grant gifts
	// policy and user are how it was given these, and open how it came to be
	// usable when, from where and for what it is.
	policy, user, open gift
	// labelled says that it may identify as the representative.
	labelled bool
	// creator is the id of the actor who made it.
	creator string
	text    string
	seen    []sight
}

// sight says that a person could have seen a key whole.
type sight struct {
	*person
	gift
}

// user is a user, and how all that the user holds was given.
type user struct {
	apikey.User
	role, grant gifts
	// policy is how that was given, and address how whoever has the address came
	// to be this user.
	policy, address gift
}

// policy is a policy, and how its permissions were given.
type policy struct {
	apikey.Policy
	grant gifts
}

func (w *world) key(id keytext.ID) *key {
	for _, k := range w.keys {
		if k.ID == id {
			return k
		}
	}
	return nil
}

func (w *world) user(id keytext.ID) *user {
	for _, u := range w.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// policy returns a policy that is no tombstone.
func (w *world) policy(id keytext.ID) *policy {
	for _, p := range w.policies {
		if p.ID == id && !p.Deleted {
			return p
		}
	}
	return nil
}

// keysUnder counts the keys that have a policy, and keysOf a user's personal
// keys.
func (w *world) keysUnder(p apikey.Policy) (n int) {
	for _, k := range w.keys {
		if k.Policy == p.ID {
			n++
		}
	}
	return n
}

func (w *world) keysOf(u apikey.User) (n int) {
	for _, k := range w.keys {
		if k.Type == apikey.TypePersonal && k.OnBehalfOf == u.ID {
			n++
		}
	}
	return n
}

func (w *world) owners() (n int) {
	for _, u := range w.users {
		if u.Role == apikey.RoleOwner {
			n++
		}
	}
	return n
}
