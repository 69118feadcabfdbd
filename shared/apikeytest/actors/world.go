package actors

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// demo is the organization of the model, and stranger is another one.
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
	// organization holds the settings and the catalogue. Its counts are not
	// used.
	organization apikey.Organization
	suspended    bool
	// changes counts the changes so far.
	changes int
	now     func() time.Time
}

// person is somebody with e-mail addresses. With an access token, they act as
// the user who has one of these.
type person struct {
	name      string
	addresses []string
}

// key is a key, with the gifts of everything that it can do.
type key struct {
	apikey.Key
	// grant holds the permissions that were written into it. For a narrowed
	// personal key, these are the only ones of its user's that it has.
	grant gifts
	// policy and user are the gifts of its policy and its user. open is the
	// gift of its limits of time, address and service.
	policy, user, open gift
	// labelled says that it may identify as the representative.
	labelled bool
	// creator is the id of the actor who created it.
	creator string
	text    string
	seen    []sight
}

// sight says that a person could have seen a key's text.
type sight struct {
	*person
	gift
}

// user is a user, with the gifts of everything that the user holds.
type user struct {
	apikey.User
	role, grant gifts
	// policy is the gift of the policy. address is the gift that made the
	// address's owner this user.
	policy, address gift
}

// policy is a policy, with the gifts of its permissions.
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

// policy returns a policy that is not a tombstone.
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
