package apikey

import (
	"slices"
)

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

// Permissions is a set of permission names: sorted, each once. Make one with
// [NewPermissions].
type Permissions []string

// NewPermissions makes a set; the order and repeats of names do not matter.
func NewPermissions(names ...string) Permissions {
	set := slices.Clone(names)
	slices.Sort(set)
	return slices.Compact(set)
}

// Has reports whether the set holds name.
func (p Permissions) Has(name string) bool {
	_, found := slices.BinarySearch(p, name)
	return found
}

// HasAny reports whether the set holds at least one of names.
func (p Permissions) HasAny(names ...string) bool {
	return slices.ContainsFunc(names, p.Has)
}

// And is the set of what both sets hold.
func (p Permissions) And(other Permissions) Permissions {
	both := make(Permissions, 0, len(p))
	for _, name := range p {
		if other.Has(name) {
			both = append(both, name)
		}
	}
	return both
}

// Or is the set of what either set holds.
func (p Permissions) Or(other Permissions) Permissions {
	return NewPermissions(slices.Concat(p, other)...)
}

// Without is the set less other's members.
func (p Permissions) Without(other Permissions) Permissions {
	var rest Permissions
	for _, name := range p {
		if !other.Has(name) {
			rest = append(rest, name)
		}
	}
	return rest
}
