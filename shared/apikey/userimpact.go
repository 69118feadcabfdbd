package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/uuid"
)

// userImpact holds what a change of a user depends on besides the records that
// the request names.
type userImpact struct {
	// keys are the user's keys, and damaged those that cannot be read. They are
	// listed only if the change disables the user's personal keys.
	keys    []Key
	damaged []Damage
	// otherOwners counts the other users who are OWNER, for a damaged user.
	otherOwners int
	// successor is the oldest other OWNER or ADMIN, if the change removes the
	// organization's representative; zero for none.
	successor User
	// err is why the rest could not be read.
	err error
}

// prefetchUserImpact returns a prefetch of what a change of the user's role
// depends on. The empty role means that the user is removed.
func (r *Rules) prefetchUserImpact(ctx context.Context, id uuid.UUID, role Role, impact *userImpact) prefetch {
	return func(v *view) (refs []Ref, load func()) {
		user, err := v.found.User(v.org, id)
		damaged := salvage(v, UserRef(v.org, id), &user, &err)
		if err != nil {
			return nil, nil
		}
		var loads []func() error
		if role == "" || promotes(user.Role, role) {
			loads = append(loads, func() (err error) {
				impact.damaged, err = r.forEachKey(ctx, v.org, KeyFilter{OnBehalfOf: id}, func(key Key) error { impact.keys = append(impact.keys, key); return nil })
				return err
			})
		}
		status, err := v.found.Status(v.org)
		if err == nil && status.Representative == id && !role.represents() || damaged {
			loads = append(loads, func() error {
				_, err := r.forEachUser(ctx, v.org, func(user User) error { impact.considerSuccessor(id, user); return nil })
				return err
			})
		}
		if loads != nil {
			load = func() { impact.err = concurrently(loads...) }
		}
		return v.representativeRefs(user.Role, role), load
	}
}

// representativeRefs names the organization's current representative, for
// comparison with a user who becomes eligible.
func (v *view) representativeRefs(from, to Role) []Ref {
	status, err := v.found.Status(v.org)
	if err != nil || from.represents() || !to.represents() {
		return nil
	}
	return []Ref{UserRef(v.org, status.Representative)}
}

// promotes reports whether a change of role makes somebody an OWNER.
func promotes(from, to Role) bool { return to == RoleOwner && from != RoleOwner }

// considerSuccessor records user as the successor of the user with this id if it
// is eligible and older than the current candidate. It counts the other OWNERs
// too. Damaged users are not eligible.
func (impact *userImpact) considerSuccessor(id uuid.UUID, user User) {
	if user.ID != id && user.Role == RoleOwner {
		impact.otherOwners++
	}
	if user.ID != id && user.Role.represents() && (impact.successor.ID.IsZero() || user.precedes(impact.successor)) {
		impact.successor = user
	}
}
