package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// around is what a change of a user has to know besides what it names.
type around struct {
	// keys are the user's, where the change disables them, and damaged those of
	// the user's that cannot be read.
	keys    []Key
	damaged []Damage
	// owners is how many others are OWNER, where the user is damaged.
	owners int
	// first is the first user who is OWNER or ADMIN besides the one who
	// represents the organization, where the change ends that; zero for none.
	first User
	// err is why they could not be found.
	err error
}

// aroundUser looks for what a user's change to a role has to know; the empty
// role is that of one who is removed.
func (k *Keys) aroundUser(ctx context.Context, id keytext.ID, role Role, a *around) search {
	return func(v *view) (refs []Ref, look func()) {
		user, err := v.found.User(v.org, id)
		damaged := salvage(v, UserRef(v.org, id), &user, &err)
		if err != nil {
			return nil, nil
		}
		var looks []func() error
		if role == "" || promotes(user.Role, role) {
			looks = append(looks, func() (err error) {
				a.damaged, err = k.everyKey(ctx, v.org, KeyFilter{OnBehalfOf: id}, func(key Key) error { a.keys = append(a.keys, key); return nil })
				return err
			})
		}
		status, err := v.found.Status(v.org)
		if err == nil && status.Representative == id && !role.represents() || damaged {
			looks = append(looks, func() error {
				_, err := k.everyUser(ctx, v.org, func(user User) error { a.mayFollow(id, user); return nil })
				return err
			})
		}
		if looks != nil {
			look = func() { a.err = together(looks...) }
		}
		return v.compared(user.Role, role), look
	}
}

// compared names the user who represents the organization, with whom one is
// compared who could from now on.
func (v *view) compared(from, to Role) []Ref {
	status, err := v.found.Status(v.org)
	if err != nil || from.represents() || !to.represents() {
		return nil
	}
	return []Ref{UserRef(v.org, status.Representative)}
}

// promotes reports whether a change of role makes an OWNER of somebody.
func promotes(from, to Role) bool { return to == RoleOwner && from != RoleOwner }

// mayFollow makes a user the first of those who can represent the organization,
// in the place of the one with that id. One who is damaged can not.
func (a *around) mayFollow(id keytext.ID, user User) {
	if user.ID != id && user.Role == RoleOwner {
		a.owners++
	}
	if user.ID != id && user.Role.represents() && (a.first.ID.IsZero() || user.precedes(a.first)) {
		a.first = user
	}
}
