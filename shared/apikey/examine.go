package apikey

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// MaxExamined is how many keys one examination can be about.
const MaxExamined = 100

// Examination says what a caller wants to know about keys.
type Examination struct {
	// Keys are the ids that the keys' texts claim, at most [MaxExamined].
	Keys []keytext.ID
	// Service is the id of the service at which the keys are used; empty for none.
	Service string
	// Method, with a Route or a Path, is a request to Service. Permission is what to
	// do instead; empty for nothing in particular.
	Method, Route, Path, Permission string
	// Explained says that the caller wants to know why.
	Explained bool
}

// Evidence holds the records on which decisions about the keys of an
// [Examination] depend, as they were at one time. It implements [Reader] without
// I/O. A key of another organization is not among them: it looks like a key that
// does not exist.
type Evidence struct {
	// Service is what the keys are to be used at: the caller's service, or one
	// without an id that declares the organization's whole catalogue. Its only API is
	// API, and its only route answers an examination about a permission.
	Service Service
	API     routing.API

	view *view
}

// Examine reads what decisions about keys depend on, for a caller with
// [permission.VerifyAPIKeys], and with [permission.AdministerAPIKeys] to have them
// explained. It waits twice for the tables, or a third time if the policy of a
// user has changed since a key was written. Errors: [Unauthenticated],
// [Forbidden], [Invalid] for a service, route or permission that does not exist,
// [Unavailable].
func (r *Rules) Examine(ctx context.Context, by Caller, asked Examination) (Evidence, error) {
	var refs []Ref
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
	service, err := who.view.examined(ctx, asked)
	if err != nil {
		return Evidence{}, err
	}
	e := Evidence{Service: service, API: routing.API{Account: "examination", ID: "examination"}, view: who.view}
	e.Service.APIs = []routing.API{e.API}
	return e, nil
}

// examined returns the service of an examination, whose gateways do not matter.
// It refuses a service, a route or a permission that does not exist.
func (v *view) examined(ctx context.Context, asked Examination) (Service, error) {
	org, err := v.Organization(ctx)
	if err != nil {
		return Service{}, err
	}
	service, of := Service{Org: v.org, Permissions: org.Catalogue()}, "the organization's services"
	if asked.Service != "" {
		of = "this service"
		service, err = v.Service(ctx, asked.Service)
		if err != nil && KindOf(err) == NotFound {
			return Service{}, invalidError(FieldError{"service", FieldService, "There is no such service."})
		}
		if err != nil {
			return Service{}, err
		}
	}
	service.Cache = routing.GatewayCache{}
	if asked.Method != "" {
		unknown := asked.Route != "" && service.Unlisted != routing.AuthenticateUnlisted && routing.NewTable(service.Routes).Route(asked.Method, asked.Route) == nil
		if unknown {
			return Service{}, invalidError(FieldError{"route", FieldValue, "The service has no route with this method and path template."})
		}
		return service, nil
	}
	service.Routes, service.Unlisted = []routing.Route{{Method: routing.AnyMethod, Path: "/"}}, routing.RefuseUnlisted
	if p := asked.Permission; p != "" {
		if !service.Declares().Or(OwnPermissions()).Has(p) {
			return Service{}, invalidError(FieldError{"permission", FieldPermission, "None of " + of + " declares this permission."})
		}
		service.Routes[0].Permissions = []string{p}
	}
	return service, nil
}

// Read implements [Reader].
func (e Evidence) Read(_ context.Context, refs ...Ref) (Found, error) {
	found := make(Found, len(refs))
	for _, ref := range refs {
		finding, known := e.view.found[ref]
		if !known {
			finding.Err = UnavailableError("look at a record that was not asked for", nil)
		}
		if ref.Subject == SubjectKey && e.belongsElsewhere(finding) {
			finding = Finding{Err: NoSuchKey()}
		}
		found[ref] = finding
	}
	return found, nil
}

// belongsElsewhere reports whether a key, damaged or not, is known to be another
// organization's.
func (e Evidence) belongsElsewhere(finding Finding) bool {
	key, _ := finding.Record.(Key)
	if finding.Err != nil {
		key, _ = finding.Damaged.(Key)
	}
	return key.Org != "" && key.Org != e.view.org
}

// Age returns how long before now the reads started on which decisions depend: the
// longest time of those that are not of this request, and 0 if there is none.
func (e Evidence) Age(now time.Time) (longest time.Duration) {
	for _, finding := range e.view.found {
		if !finding.Since.IsZero() {
			longest = max(longest, Age(now, finding.Since))
		}
	}
	return longest
}

// Key returns an examined key of the organization; zero if there is none.
func (e Evidence) Key(id keytext.ID) Key {
	key, err := e.view.found.Key(id)
	if err != nil || key.Org != e.view.org {
		return Key{}
	}
	return key
}
