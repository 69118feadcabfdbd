package apikey

import (
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Role is a user's standing in the organization, with permissions of its own.
type Role string

// The roles, after the groups of the Polaris document and the roles of the
// Supermetrics document.
const (
	// RoleOwner holds every permission that any service declares, now and
	// later. An organization keeps at least one.
	RoleOwner Role = "OWNER"
	// RoleAdmin holds all of Keyward's own permissions.
	RoleAdmin Role = "ADMIN"
	// RoleManager holds [ManageAPIKeys].
	RoleManager Role = "MANAGER"
	// RoleMember holds nothing by itself.
	RoleMember Role = "MEMBER"
)

// Roles are all roles, the highest first.
var Roles = []Role{RoleOwner, RoleAdmin, RoleManager, RoleMember}

// permissions are those that the role gives by itself; an OWNER has all there
// are.
func (r Role) permissions() Permissions {
	switch r {
	case RoleAdmin:
		return OwnPermissions()
	case RoleManager:
		return NewPermissions(ManageAPIKeys)
	}
	return nil
}

// represents reports whether a user of the role can be the one as whom shared
// keys identify.
func (r Role) represents() bool { return r == RoleOwner || r == RoleAdmin }

// MaxPersonalKeys is how many personal keys a user may have: removing the user
// disables them all in one transaction.
const MaxPersonalKeys = 20

// User is a person of an organization.
type User struct {
	ID  keytext.ID
	Org OrgID
	// Email is unique in the organization without regard to case; Claim is the
	// form that is compared.
	Email, Claim string
	Name         string
	Role         Role
	// Permissions are the user's own, besides those of the role and the Policy.
	Permissions Permissions
	// Policy is a policy that the user has; zero for none.
	Policy keytext.ID
	// KeyCount is how many personal keys the user has; kept by the store.
	KeyCount                  int
	CreatedBy, LastModifiedBy Actor
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes of everything but KeyCount, from 1.
	Version int64
}

// Actor is the user as one who does something.
func (u User) Actor() Actor { return Actor{Username: u.Email, UserID: u.ID.String()} }

// UserDraft is what a caller writes of a user.
type UserDraft struct {
	Email, Name string
	Role        Role
	Permissions Permissions
	Policy      keytext.ID
}

// UserEdit is a partial change of a user: a nil field is kept.
type UserEdit struct {
	Email, Name *string
	Role        *Role
	Permissions *Permissions
	Policy      *keytext.ID
}

// apply is the draft that the edit makes of a user.
func (e UserEdit) apply(u User) UserDraft {
	d := UserDraft{u.Email, u.Name, u.Role, u.Permissions, u.Policy}
	set(&d.Email, e.Email)
	set(&d.Name, e.Name)
	set(&d.Role, e.Role)
	set(&d.Permissions, e.Permissions)
	set(&d.Policy, e.Policy)
	return d
}
