package apikey

import "github.com/keyward/keyward/shared/permission"

// Permission is an entry of an organization's catalogue.
type Permission struct {
	Name, Description string
	// Service is the id of the service that declares it; empty for Keyward's
	// own permissions.
	Service string
}

// ownPermissions lists Keyward's own permissions.
var ownPermissions = []Permission{
	{Name: permission.AdministerAPIKeys, Description: "View, create and manage all API keys of the organization"},
	{Name: permission.ManageAPIKeys, Description: "View and create API keys of the organization, and manage those one created"},
	{Name: permission.AdministerPolicies, Description: "Create, change and delete policies"},
	{Name: permission.AdministerServices, Description: "Register services, their APIs, routes and permissions"},
	{Name: permission.AdministerUsers, Description: "Create, change and remove users"},
	{Name: permission.ViewAuditEvents, Description: "Read the audit log"},
	{Name: permission.RevealAPIKeys, Description: "See recoverable API keys whole"},
	{Name: permission.VerifyAPIKeys, Description: "Ask whether API keys of the organization are valid, and what they may do"},
	{Name: permission.SelfRotate, Description: "Let a key replace its own secret"},
	{Name: permission.ReadAPIKeysScope, Description: "Read API keys through the Supermetrics routes"},
	{Name: permission.WriteAPIKeysScope, Description: "Create and change API keys through the Supermetrics routes"},
}

// OwnPermissions returns the names of Keyward's own permissions.
func OwnPermissions() permission.Set {
	return Service{Permissions: ownPermissions}.Declares()
}
