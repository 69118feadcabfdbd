package apikey

import (
	"cmp"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

// Ref names one record of a store, whether or not it exists. Two refs of the
// same record are equal.
type Ref struct {
	Subject Subject
	// Org is the owner; empty for a key and for an API.
	Org OrgID
	// ID names a key, a policy, a user or an audit record, and Service a service.
	ID      keytext.ID
	Service string
	// API names the service that it belongs to.
	API routing.API
}

// String names the record for the log.
func (r Ref) String() string {
	name := string(cmp.Or(r.Subject, "API key"))
	if id := cmp.Or(r.ID.String(), r.Service, r.API.ID); id != "" {
		name += " " + id
	}
	if r.Org != "" {
		name += " of " + string(r.Org)
	}
	return name
}

// KeyRef names a key.
func KeyRef(id keytext.ID) Ref { return Ref{Subject: SubjectKey, ID: id} }

// OrganizationRef names an organization.
func OrganizationRef(org OrgID) Ref { return Ref{Subject: SubjectOrganization, Org: org} }

// StatusRef names the status of an organization.
func StatusRef(org OrgID) Ref { return Ref{Subject: SubjectStatus, Org: org} }

// PolicyRef names a policy.
func PolicyRef(org OrgID, id keytext.ID) Ref { return Ref{Subject: SubjectPolicy, Org: org, ID: id} }

// UserRef names a user.
func UserRef(org OrgID, id keytext.ID) Ref { return Ref{Subject: SubjectUser, Org: org, ID: id} }

// ServiceRef names a service by its id.
func ServiceRef(org OrgID, id string) Ref { return Ref{Subject: SubjectService, Org: org, Service: id} }

// APIRef names the service that an API belongs to. Only the account and the id
// of the API count.
func APIRef(api routing.API) Ref {
	return Ref{Subject: SubjectService, API: routing.API{Account: api.Account, ID: api.ID}}
}

// AuditRef names an audit record. It is for [Damage]: nobody reads one by itself.
func AuditRef(org OrgID, id keytext.ID) Ref {
	return Ref{Subject: SubjectAuditRecord, Org: org, ID: id}
}

// Found holds what a store knows of each [Ref] that it was asked for.
type Found map[Ref]Finding

// Finding is a record or the reason why there is none: [NotFound], or
// [Unavailable] for a record that is damaged. Record is a [Key], an
// [Organization], a [Status], a [Policy], a [User] or a [Service].
type Finding struct {
	Record any
	Err    error
	// Damaged is what can still be read of a damaged record, in the type of
	// Record: what cannot is zero, and no value is to be trusted. It is for
	// deleting the record. It is nil where a newer version wrote the record, which
	// may belong to what this version does not know.
	Damaged any
}

// Key returns a key that was asked for; [NotFound] where there is none.
func (f Found) Key(id keytext.ID) (Key, error) { return finding[Key](f, KeyRef(id)) }

// Organization returns an organization that was asked for; [NotFound] where
// there is none.
func (f Found) Organization(org OrgID) (Organization, error) {
	return finding[Organization](f, OrganizationRef(org))
}

// Status returns the status that was asked for of an organization; [NotFound]
// where there is no such organization.
func (f Found) Status(org OrgID) (Status, error) { return finding[Status](f, StatusRef(org)) }

// Policy returns a policy that was asked for, a tombstone too; [NotFound] where
// there is none.
func (f Found) Policy(org OrgID, id keytext.ID) (Policy, error) {
	return finding[Policy](f, PolicyRef(org, id))
}

// User returns a user who was asked for; [NotFound] where there is none.
func (f Found) User(org OrgID, id keytext.ID) (User, error) {
	return finding[User](f, UserRef(org, id))
}

// Service returns a service that was asked for by its id; [NotFound] where there
// is none.
func (f Found) Service(org OrgID, id string) (Service, error) {
	return finding[Service](f, ServiceRef(org, id))
}

// ServiceOf returns the service that was asked for by one of its APIs;
// [NotFound] where the API belongs to none.
func (f Found) ServiceOf(api routing.API) (Service, error) { return finding[Service](f, APIRef(api)) }

func finding[T any](f Found, ref Ref) (T, error) {
	found, asked := f[ref]
	record, ok := found.Record.(T)
	switch {
	case found.Err != nil:
		return record, found.Err
	case !asked || !ok:
		return record, UnavailableError("look at a record that was not asked for", nil)
	}
	return record, nil
}
