package apikey

import "github.com/keyward/keyward/shared/permission"

// Keyward's own permissions. Every organization's catalogue contains them.
const (
	// AdministerAPIKeys and ManageAPIKeys come from the Polaris document.
	AdministerAPIKeys = "AdministerApiKeys"
	ManageAPIKeys     = "ManageApiKeys"
	// AdministerPolicies, AdministerServices and AdministerUsers allow changes
	// of what their names say.
	AdministerPolicies = "AdministerPolicies"
	AdministerServices = "AdministerServices"
	AdministerUsers    = "AdministerUsers"
	// ViewAuditEvents allows reading the audit log.
	ViewAuditEvents = "ViewAuditEvents"
	// RevealAPIKeys allows seeing the full text of recoverable keys.
	RevealAPIKeys = "RevealApiKeys"
	// ReadAPIKeysScope and WriteAPIKeysScope come from the Supermetrics
	// document.
	ReadAPIKeysScope  = "api_keys_read"
	WriteAPIKeysScope = "api_keys_write"
)

// Permission is an entry of an organization's catalogue.
type Permission struct {
	Name, Description string
	// Service is the id of the service that declares it; empty for Keyward's
	// own permissions.
	Service string
}

// ownPermissions lists Keyward's own permissions.
var ownPermissions = []Permission{
	{Name: AdministerAPIKeys, Description: "View, create and manage all API keys of the organization"},
	{Name: ManageAPIKeys, Description: "View and create API keys of the organization, and manage those one created"},
	{Name: AdministerPolicies, Description: "Create, change and delete policies"},
	{Name: AdministerServices, Description: "Register services, their APIs, routes and permissions"},
	{Name: AdministerUsers, Description: "Create, change and remove users"},
	{Name: ViewAuditEvents, Description: "Read the audit log"},
	{Name: RevealAPIKeys, Description: "See recoverable API keys whole"},
	{Name: ReadAPIKeysScope, Description: "Read API keys through the Supermetrics routes"},
	{Name: WriteAPIKeysScope, Description: "Create and change API keys through the Supermetrics routes"},
}

// OwnPermissions returns the names of Keyward's own permissions.
func OwnPermissions() Permissions {
	return Service{Permissions: ownPermissions}.Declares()
}

// Permissions is a set of permission names.
type Permissions = permission.Set

// NewPermissions returns the set of names. Their order and repeats do not matter.
func NewPermissions(names ...string) Permissions { return permission.NewSet(names...) }
