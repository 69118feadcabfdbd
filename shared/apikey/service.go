package apikey

import (
	"slices"
	"time"
)

// How much a service has at most; [MaxServiceRecord] bounds its size.
const (
	MaxServiceAPIs        = 20
	MaxServiceRoutes      = 500
	MaxServicePermissions = 500
	// MaxParameters bounds the {parameters} of a path, a last {name+} included.
	MaxParameters = 10
)

// The limits of a service whose gateways keep answers, so that neither its
// registration nor the authorizer has more to see through than they can.
const (
	// MaxOverlaps bounds how often two of its paths overlap.
	MaxOverlaps = 20_000
	// MaxPolicyBytes bounds the resources of the policy that a gateway keeps.
	MaxPolicyBytes = 512 << 10
)

// MaxCacheSeconds is the longest time for which a gateway can keep an answer.
const MaxCacheSeconds = 3600

// ReservedService is the id of the service that is Keyward's own API.
const ReservedService = "keyward"

// Service is a set of APIs that the authorizer guards for one organization, the
// permissions that it declares, and the permission that each of its routes
// needs. An API that belongs to no service is refused, and so is a route that
// its service does not list.
type Service struct {
	// ID is the service's name: 2 to 40 characters of a-z, 0-9 and hyphens.
	ID string
	// Org is the organization whose keys can be used; empty for a service of
	// the deployment itself, which all organizations use.
	Org  OrgID
	Name string
	// Permissions are those that the service declares.
	Permissions []Permission
	APIs        []API
	Routes      []Route
	Unlisted    Unlisted
	Cache       GatewayCache

	CreatedBy, LastModifiedBy Actor
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes, from 1.
	Version int64
}

// Declares is the set of names of the service's permissions.
func (s Service) Declares() Permissions {
	var names []string
	for _, p := range s.Permissions {
		names = append(names, p.Name)
	}
	return NewPermissions(names...)
}

// API names one API of Amazon API Gateway. Account and ID tell APIs apart;
// Region and Stage, where a service names them, must be the request's.
type API struct {
	// Account is the 12-digit AWS account, ID the API's id.
	Account, ID   string
	Region, Stage string
}

// Same reports whether both name the same API, whatever its stage.
func (a API) Same(b API) bool { return a.Account == b.Account && a.ID == b.ID }

// Has reports whether the API is one of the service's.
func (s Service) Has(api API) bool { return slices.ContainsFunc(s.APIs, api.Same) }

// Route is a method and a path template, as API Gateway knows them.
type Route struct {
	// Method is an HTTP method, or "ANY".
	Method string
	// Path is a template such as "/v1/files/{id}"; a last segment {name+}
	// takes all that follows.
	Path string
	// Permissions opens the route to a key that holds any one of them; empty,
	// to every valid key of the organization.
	Permissions []string
}

// OpenTo reports whether the route is open to a caller who holds those
// permissions.
func (r Route) OpenTo(held Permissions) bool {
	return len(r.Permissions) == 0 || held.HasAny(r.Permissions...)
}
