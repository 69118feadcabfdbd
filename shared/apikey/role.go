package apikey

import "github.com/keyward/keyward/shared/permission"

// Role is a user's role in the organization. It carries permissions of its own.
type Role string

// The roles, as in the Polaris document's groups and the Supermetrics
// document's roles.
const (
	// RoleOwner holds every permission in the catalogue, now and later. An
	// organization always has an OWNER.
	RoleOwner Role = "OWNER"
	// RoleAdmin holds all of Keyward's own permissions.
	RoleAdmin Role = "ADMIN"
	// RoleManager holds [permission.ManageAPIKeys].
	RoleManager Role = "MANAGER"
	// RoleMember holds no permission. Like every user, it manages its own personal
	// keys.
	RoleMember Role = "MEMBER"
)

// Roles lists all roles, the highest first.
var Roles = []Role{RoleOwner, RoleAdmin, RoleManager, RoleMember}

// permissions returns the role's own permissions, except for OWNER, who has
// all.
func (r Role) permissions() permission.Set {
	switch r {
	case RoleAdmin:
		return OwnPermissions()
	case RoleManager:
		return permission.NewSet(permission.ManageAPIKeys)
	}
	return nil
}

// represents reports whether a user with the role can be the organization's
// representative.
func (r Role) represents() bool { return r == RoleOwner || r == RoleAdmin }
