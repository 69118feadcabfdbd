package actors

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// demo is the organization of the model, and stranger is another one.
const (
	demo     apikey.OrgID = "demo"
	stranger apikey.OrgID = "stranger"
)

// world is the organization as it must be after the changes so far.
type world struct {
	keys []*key
	// tombstones are the keys that were deleted and can be restored.
	tombstones []*key
	users      []*user
	policies   []*policy
	people     []*person
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
	// text is the one with the current secret.
	text string
	seen []sight
}

// sight says that a person could have seen a key's text. generation numbers the
// secret in it.
type sight struct {
	*person
	gift
	generation int
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

// the returns the only thing that is so, or nil.
func the[T any](things []*T, so func(*T) bool) *T {
	if i := slices.IndexFunc(things, so); i >= 0 {
		return things[i]
	}
	return nil
}

func (w *world) key(id uuid.UUID) *key {
	return the(w.keys, func(k *key) bool { return k.ID == id })
}

func (w *world) tombstone(id uuid.UUID) *key {
	return the(w.tombstones, func(k *key) bool { return k.ID == id })
}

func (w *world) user(id uuid.UUID) *user {
	return the(w.users, func(u *user) bool { return u.ID == id })
}

// policy returns a policy that is not a tombstone.
func (w *world) policy(id uuid.UUID) *policy {
	return the(w.policies, func(p *policy) bool { return p.ID == id && !p.Deleted })
}

func count[T any](things []*T, counts func(*T) bool) (n int) {
	for _, thing := range things {
		if counts(thing) {
			n++
		}
	}
	return n
}

// keysUnder counts the keys that have a policy, and keysOf a user's personal
// keys.
func (w *world) keysUnder(p apikey.Policy) int {
	return count(w.keys, func(k *key) bool { return k.Policy == p.ID })
}

func (w *world) keysOf(u apikey.User) int {
	return count(w.keys, func(k *key) bool { return k.Type == apikey.TypePersonal && k.OnBehalfOf == u.ID })
}

func (w *world) owners() int {
	return count(w.users, func(u *user) bool { return u.Role == apikey.RoleOwner })
}
