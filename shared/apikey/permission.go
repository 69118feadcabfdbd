package apikey

import "github.com/keyward/keyward/shared/permission"

// The permissions of Keyward itself. They are in every organization's catalogue.
const (
	// AdministerAPIKeys and ManageAPIKeys are the Polaris document's.
	AdministerAPIKeys = "AdministerApiKeys"
	ManageAPIKeys     = "ManageApiKeys"
	// AdministerPolicies, AdministerServices and AdministerUsers let their
	// holder change what their names say.
	AdministerPolicies = "AdministerPolicies"
	AdministerServices = "AdministerServices"
	AdministerUsers    = "AdministerUsers"
	// ViewAuditEvents lets its holder read the audit log.
	ViewAuditEvents = "ViewAuditEvents"
	// RevealAPIKeys lets its holder see a recoverable key whole.
	RevealAPIKeys = "RevealApiKeys"
	// ReadAPIKeysScope and WriteAPIKeysScope are the Supermetrics document's.
	ReadAPIKeysScope  = "api_keys_read"
	WriteAPIKeysScope = "api_keys_write"
)

// Permission is an entry of an organization's catalogue.
type Permission struct {
	Name, Description string
	// Service is the id of the service that declares it; empty for Keyward's
	// own.
	Service string
}

// ownPermissions are what Keyward itself declares.
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

// OwnPermissions is the set of the names of Keyward's own permissions.
func OwnPermissions() Permissions {
	return Service{Permissions: ownPermissions}.Declares()
}

// Permissions is a set of permission names.
type Permissions = permission.Set

// NewPermissions returns the set of names. Their order and repeats do not matter.
func NewPermissions(names ...string) Permissions { return permission.NewSet(names...) }
