package apikey

import (
	"slices"
)

// The permissions of Keyward itself (the Polaris document). They are in every
// organization's catalogue.
const (
	AdministerAPIKeys = "AdministerApiKeys"
	ManageAPIKeys     = "ManageApiKeys"
)

// Permission is an entry of an organization's catalogue.
type Permission struct {
	Name, Description string
}

// ownPermissions are what Keyward itself declares.
var ownPermissions = []Permission{
	{AdministerAPIKeys, "View, create and manage all API keys of the organization"},
	{ManageAPIKeys, "View and create API keys of the organization, and manage those one created"},
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
