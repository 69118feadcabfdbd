package apikey

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// MaxExamined is how many keys one examination can be about.
const MaxExamined = 100

// Examination says what a caller wants to know about keys.
type Examination struct {
	// Keys are the ids that the keys' texts claim, at most [MaxExamined].
	Keys []uuid.UUID
	// Service is the id of the service at which the keys are used; empty for none.
	Service string
	// Method, with a Route or a Path, is a request to Service. Permission is asked
	// about if there is no request; empty asks only whether the key is valid.
	Method, Route, Path, Permission string
	// Explained says that the caller wants to know why.
	Explained bool
}

// Evidence holds the records on which decisions about the keys of an
// [Examination] depend, as they were at one time.
type Evidence struct {
	// Found holds the records. A key of another organization is not among them: it
	// looks like a key that does not exist.
	Found Found
	// Place names the service at which the keys are used or, without one, the
	// caller's organization. See [Evidence.Service].
	Place Ref
	// Route stands for the permission that an examination without a request asks
	// about. With a request it is nil, and the routes of the service decide.
	Route *routing.Route

	org OrgID
}

// Examine reads what decisions about keys depend on, for a caller with
// [permission.VerifyAPIKeys], and with [permission.AdministerAPIKeys] to have
// them explained. It takes two reads, one after the other, or three if the
// policy of a user has changed since a key was written. Errors:
// [Unauthenticated], [Forbidden], [Invalid] for a service, route or permission
// that does not exist, [Unavailable].
func (r *Rules) Examine(ctx context.Context, by Caller, asked Examination) (Evidence, error) {
	refs := make([]Ref, 0, len(asked.Keys)+1+callerRecords)
	for _, id := range asked.Keys {
		refs = append(refs, KeyRef(id))
	}
	who, err := r.authorize(ctx, by, []string{permission.VerifyAPIKeys}, append(refs, ServiceRef(by.Org, asked.Service))...)
	if err != nil {
		return Evidence{}, err
	}
	if asked.Explained && !who.grant.Permissions.Has(permission.AdministerAPIKeys) {
		return Evidence{}, &Error{Kind: Forbidden, Detail: "To have decisions explained, you need AdministerApiKeys. Leave out explain."}
	}
	if err := who.view.readNamed(ctx, nil); err != nil {
		return Evidence{}, err
	}
	e := Evidence{Found: who.view.found, Place: OrganizationRef(by.Org), org: by.Org}
	if asked.Service != "" {
		e.Place = ServiceRef(by.Org, asked.Service)
	}
	if e.Route, err = e.routeOf(asked); err != nil {
		return Evidence{}, err
	}
	for _, id := range asked.Keys {
		if finding := e.Found[KeyRef(id)]; e.belongsElsewhere(finding) {
			e.Found[KeyRef(id)] = Finding{Err: NoSuchKey(), Since: finding.Since}
		}
	}
	return e, nil
}

// ExaminedAPI is the only API of an examined service.
var ExaminedAPI = routing.API{Account: "examination", ID: "examination"}

// Service returns the service that the keys are used at, without its gateways. For an
// organization it returns a service without an id that declares the whole catalogue.
// Errors: [Unavailable].
func (e Evidence) Service() (Service, error) {
	if e.Place.Subject == SubjectOrganization {
		org, err := e.Found.Organization(e.org)
		return Service{Org: e.org, Permissions: org.Catalogue(), APIs: []routing.API{ExaminedAPI}}, err
	}
	service, err := e.Found.Service(e.org, e.Place.Service)
	service.Cache, service.APIs = routing.GatewayCache{}, []routing.API{ExaminedAPI}
	return service, err
}

// routeOf returns the route that stands for an examination's permission, or nil if it
// has a request. It refuses a service, a route or a permission that does not exist.
func (e Evidence) routeOf(asked Examination) (*routing.Route, error) {
	org, err := e.Found.Organization(e.org)
	if err != nil {
		return nil, unavailableIfMissing("read the organization of a valid key", err)
	}
	service, of := Service{Permissions: org.Declared}, "the organization's services"
	if asked.Service != "" {
		of = "this service"
		if service, err = e.Found.Service(e.org, asked.Service); KindOf(err) == NotFound || !e.Place.isSet() {
			return nil, InvalidError(FieldError{"service", FieldService, "There is no such service. GET /v1/services lists them."})
		}
		if err != nil {
			return nil, err
		}
	}
	if asked.Method != "" {
		if asked.Route != "" && service.Unlisted != routing.AuthenticateUnlisted && !routing.Listed(service.Routes, asked.Method, asked.Route) {
			return nil, InvalidError(FieldError{"route", FieldValue, "The service has no route with this method and path template."})
		}
		return nil, nil
	}
	route := &routing.Route{Method: routing.AnyMethod, Path: "/"}
	if p := asked.Permission; p != "" {
		declared := func(own Permission) bool { return own.Name == p }
		if !slices.ContainsFunc(service.Permissions, declared) && !slices.ContainsFunc(ownPermissions, declared) {
			return nil, InvalidError(FieldError{"permission", FieldPermission, "None of " + of + " declares this permission."})
		}
		route.Permissions = []string{p}
	}
	return route, nil
}

// belongsElsewhere reports whether a key, damaged or not, is known to be another
// organization's.
func (e Evidence) belongsElsewhere(finding Finding) bool {
	key, _ := finding.Record.(Key)
	if finding.Err != nil {
		key, _ = finding.Damaged.(Key)
	}
	return key.Org != "" && key.Org != e.org
}

// Age returns the age of the oldest cached record in the evidence; 0 if all were
// read for this request.
func (e Evidence) Age(now time.Time) (longest time.Duration) {
	for _, finding := range e.Found {
		if !finding.Since.IsZero() {
			longest = max(longest, Age(now, finding.Since))
		}
	}
	return longest
}

// Key returns an examined key of the organization; zero if there is none.
func (e Evidence) Key(id uuid.UUID) Key {
	key, err := e.Found.Key(id)
	if err != nil || key.Org != e.org {
		return Key{}
	}
	return key
}
