package actors

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// names lists the permissions of the model: Keyward's own, then those that the
// organization's services declare.
var names = [...]string{
	permission.AdministerAPIKeys, permission.ManageAPIKeys, permission.AdministerPolicies, permission.AdministerServices, permission.AdministerUsers,
	permission.ViewAuditEvents, permission.RevealAPIKeys, permission.VerifyAPIKeys, permission.SelfRotate, permission.ReadAPIKeysScope, permission.WriteAPIKeysScope,
	"ManageFiles", "ManageTables", "ViewTables",
}

const ownNames = 11

// powers is a set of permissions, a bit for each of the names.
type powers uint32

const (
	// own holds Keyward's own permissions.
	own powers = 1<<ownNames - 1
	// owner stands for acting as an OWNER, which no permission names.
	owner powers = 1 << len(names)
	// everything is what an OWNER holds, whatever is declared.
	everything = owner<<1 - 1
)

// powersOf returns the set of those permissions.
func powersOf(permissions ...string) (p powers) {
	for i, name := range names {
		for _, permission := range permissions {
			if name == permission {
				p |= 1 << i
			}
		}
	}
	return p
}

// permissions returns the set as the rules write it, without owner, for which
// they have no name.
func (p powers) permissions() permission.Set {
	var held []string
	for i, name := range names {
		if p&(1<<i) != 0 {
			held = append(held, name)
		}
	}
	return permission.NewSet(held...)
}

// any reports whether the set has at least one of the permissions.
func (p powers) any(permissions ...string) bool { return p&powersOf(permissions...) != 0 }

// String names the permissions of the set.
func (p powers) String() string {
	if p == everything {
		return "everything"
	}
	text := strings.Join(p.permissions(), ", ")
	switch {
	case p&owner == 0 && text == "":
		return "nothing"
	case p&owner == 0:
		return text
	}
	return strings.TrimSuffix("the rights of an OWNER, "+text, ", ")
}

// powersOfRole returns what each role gives (the Polaris document).
func powersOfRole(role apikey.Role) powers {
	switch role {
	case apikey.RoleOwner:
		return everything
	case apikey.RoleAdmin:
		return own
	case apikey.RoleManager:
		return powersOf(permission.ManageAPIKeys)
	}
	return 0
}

// represents reports whether shared keys can identify as a user of that role
// (the Supermetrics document).
func represents(role apikey.Role) bool {
	return role == apikey.RoleOwner || role == apikey.RoleAdmin
}
