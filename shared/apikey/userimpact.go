package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// around is what a change of a user has to know besides what it names.
type userImpact struct {
	// keys are the user's, where the change disables them, and damaged those of
	// the user's that cannot be read.
	keys    []Key
	damaged []Damage
	// owners is how many others are OWNER, where the user is damaged.
	otherOwners int
	// first is the first user who is OWNER or ADMIN besides the one who
	// represents the organization, where the change ends that; zero for none.
	successor User
	// err is why they could not be found.
	err error
}

// aroundUser loads for what a user's change to a role has to know; the empty
// role is that of one who is removed.
func (k *Keys) prefetchUserImpact(ctx context.Context, id keytext.ID, role Role, impact *userImpact) prefetch {
	return func(v *view) (refs []Ref, load func()) {
		user, err := v.found.User(v.org, id)
		damaged := salvage(v, UserRef(v.org, id), &user, &err)
		if err != nil {
			return nil, nil
		}
		var loads []func() error
		if role == "" || promotes(user.Role, role) {
			loads = append(loads, func() (err error) {
				impact.damaged, err = k.forEachKey(ctx, v.org, KeyFilter{OnBehalfOf: id}, func(key Key) error { impact.keys = append(impact.keys, key); return nil })
				return err
			})
		}
		status, err := v.found.Status(v.org)
		if err == nil && status.Representative == id && !role.represents() || damaged {
			loads = append(loads, func() error {
				_, err := k.forEachUser(ctx, v.org, func(user User) error { impact.considerSuccessor(id, user); return nil })
				return err
			})
		}
		if loads != nil {
			load = func() { impact.err = concurrently(loads...) }
		}
		return v.representativeRefs(user.Role, role), load
	}
}

// compared names the user who represents the organization, with whom one is
// compared who could from now on.
func (v *view) representativeRefs(from, to Role) []Ref {
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
func (impact *userImpact) considerSuccessor(id keytext.ID, user User) {
	if user.ID != id && user.Role == RoleOwner {
		impact.otherOwners++
	}
	if user.ID != id && user.Role.represents() && (impact.successor.ID.IsZero() || user.precedes(impact.successor)) {
		impact.successor = user
	}
}
