package apikey

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// Limits of a service; [MaxServiceRecord] limits its size.
const (
	MaxServiceAPIs        = 20
	MaxServiceRoutes      = 500
	MaxServicePermissions = 500
	// MaxParameters limits the {parameters} of a path, including a final
	// {name+}.
	MaxParameters = 10
)

// Limits of a service whose gateways cache answers. They keep registration and
// the authorizer fast.
const (
	// MaxOverlaps limits how often two of its paths overlap.
	MaxOverlaps = 20_000
	// MaxPolicyBytes limits the resources of the policy that a gateway caches.
	MaxPolicyBytes = 512 << 10
)

// ReservedService is the id of the service that is Keyward's own API.
const ReservedService = "keyward"

// Service is a set of APIs that the authorizer guards for one organization, the
// permissions that it declares, and the permissions that each of its routes
// needs. The authorizer refuses APIs that belong to no service, and routes that
// their service does not list.
type Service struct {
	// ID is the service's name: 2 to 40 characters of a-z, 0-9 and hyphens.
	ID string
	// Org is the organization whose keys can be used; empty for a service of
	// the deployment itself, which all organizations use.
	Org  OrgID
	Name string
	// Permissions are those that the service declares.
	Permissions []Permission
	APIs        []routing.API
	Routes      []routing.Route
	Unlisted    routing.Unlisted
	Cache       routing.GatewayCache

	CreatedBy, LastModifiedBy Actor
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes, from 1.
	Version int64
}

// Declares returns the names of the service's permissions.
func (s Service) Declares() permission.Set {
	names := make([]string, len(s.Permissions))
	for i, p := range s.Permissions {
		names[i] = p.Name
	}
	return permission.NewSet(names...)
}

// Has reports whether the service has the API.
func (s Service) Has(api routing.API) bool { return slices.ContainsFunc(s.APIs, api.Same) }

// Warnings returns what the service's gateway cache costs it, as
// [routing.Analysis.Warnings] does.
func (s Service) Warnings() []routing.Warning {
	if !s.Cache.Enabled() {
		return nil
	}
	return routing.Analyze(s.Routes, s.Unlisted).Warnings(s.Cache)
}
