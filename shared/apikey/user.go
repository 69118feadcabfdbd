package apikey

import (
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// User is a person of an organization.
type User struct {
	ID  uuid.UUID
	Org OrgID
	// Email is unique in the organization, ignoring case; Claim is the form
	// that is compared.
	Email, Claim string
	Name         string
	Role         Role
	// Permissions are the user's own, in addition to those of the role and the
	// Policy.
	Permissions permission.Set
	// Policy is a policy that the user has; zero for none.
	Policy uuid.UUID
	// KeyCount is how many personal keys the user has. The store keeps it.
	KeyCount                  int
	CreatedBy, LastModifiedBy Actor
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes of everything but KeyCount, from 1.
	Version int64
}

// Actor returns the user as an actor.
func (u User) Actor() Actor { return Actor{Username: u.Email, UserID: u.ID.String()} }

// UserDraft is what a caller can write of a user.
type UserDraft struct {
	Email, Name string
	Role        Role
	Permissions permission.Set
	Policy      uuid.UUID
}

// UserEdit is a partial change of a user: a nil field is left as it is.
type UserEdit struct {
	Email, Name *string
	Role        *Role
	Permissions *permission.Set
	Policy      *uuid.UUID
}

// apply returns the draft that the edit makes of a user.
func (e UserEdit) apply(u User) UserDraft {
	d := UserDraft{u.Email, u.Name, u.Role, u.Permissions, u.Policy}
	set(&d.Email, e.Email)
	set(&d.Name, e.Name)
	set(&d.Role, e.Role)
	set(&d.Permissions, e.Permissions)
	set(&d.Policy, e.Policy)
	return d
}
