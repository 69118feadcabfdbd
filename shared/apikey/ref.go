package apikey

import (
	"cmp"
	"time"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// Ref names one record of a store, whether or not it exists. Two refs of the
// same record are equal.
type Ref struct {
	Subject Subject
	// Org is the owner; empty for a key and for an API.
	Org OrgID
	// ID names a key, a policy, a user or an audit record, and the caller of an
	// outcome. Service names a service, or the Idempotency-Key of an outcome.
	ID      uuid.UUID
	Service string
	// Account is that of an API. Service is then the API's id, and the ref names the
	// service that the API belongs to.
	Account string
}

// String names the record for the log.
func (r Ref) String() string {
	name := string(cmp.Or(r.Subject, "API key"))
	if id := cmp.Or(r.ID.String(), r.Service); id != "" {
		name += " " + id
	}
	if r.Org != "" {
		name += " of " + string(r.Org)
	}
	return name
}

// KeyRef names a key.
func KeyRef(id uuid.UUID) Ref { return Ref{Subject: SubjectKey, ID: id} }

// OrganizationRef names an organization.
func OrganizationRef(org OrgID) Ref { return Ref{Subject: SubjectOrganization, Org: org} }

// StatusRef names the status of an organization.
func StatusRef(org OrgID) Ref { return Ref{Subject: SubjectStatus, Org: org} }

// PolicyRef names a policy.
func PolicyRef(org OrgID, id uuid.UUID) Ref { return Ref{Subject: SubjectPolicy, Org: org, ID: id} }

// UserRef names a user.
func UserRef(org OrgID, id uuid.UUID) Ref { return Ref{Subject: SubjectUser, Org: org, ID: id} }

// ServiceRef names a service by its id.
func ServiceRef(org OrgID, id string) Ref { return Ref{Subject: SubjectService, Org: org, Service: id} }

// APIRef names the service that an API belongs to, by the API's account and id.
func APIRef(api routing.API) Ref {
	return Ref{Subject: SubjectService, Account: api.Account, Service: api.ID}
}

// AuditRef names an audit record, for [Damage]. Audit records are never read
// one by one.
func AuditRef(org OrgID, id uuid.UUID) Ref {
	return Ref{Subject: SubjectAuditRecord, Org: org, ID: id}
}

// Found holds the store's answer to each requested [Ref].
type Found map[Ref]Finding

// Finding is a record, or the reason why there is none: [NotFound], or
// [Unavailable] if the record is damaged. Record is a [Key], an [Organization],
// a [Status], a [Policy], a [User], a [Service], a [LastUse],
// an [Outcome] or a [NoticeRound].
type Finding struct {
	Record any
	Err    error
	// Since is when the read of the record started; zero if it was read for this
	// request.
	Since time.Time
	// Damaged is the readable part of a damaged record, in the type of Record.
	// Unreadable fields are zero, and no value can be trusted: it is for
	// deleting the record. It is nil if a newer version wrote the record, which
	// may belong to something that this version does not know.
	Damaged any
}

// Key returns a requested key; [NotFound] if there is none.
func (f Found) Key(id uuid.UUID) (Key, error) { return finding[Key](f, KeyRef(id)) }

// Organization returns a requested organization; [NotFound] if there is none.
func (f Found) Organization(org OrgID) (Organization, error) {
	return finding[Organization](f, OrganizationRef(org))
}

// Status returns the requested status of an organization; [NotFound] if there
// is no such organization.
func (f Found) Status(org OrgID) (Status, error) { return finding[Status](f, StatusRef(org)) }

// Policy returns a requested policy, even a tombstone; [NotFound] if there is
// none.
func (f Found) Policy(org OrgID, id uuid.UUID) (Policy, error) {
	return finding[Policy](f, PolicyRef(org, id))
}

// User returns a requested user; [NotFound] if there is none.
func (f Found) User(org OrgID, id uuid.UUID) (User, error) {
	return finding[User](f, UserRef(org, id))
}

// Service returns a service that was requested by its id; [NotFound] if there
// is none.
func (f Found) Service(org OrgID, id string) (Service, error) {
	return finding[Service](f, ServiceRef(org, id))
}

// ServiceOf returns a service that was requested by one of its APIs; [NotFound]
// if the API belongs to none.
func (f Found) ServiceOf(api routing.API) (Service, error) { return finding[Service](f, APIRef(api)) }

// Outcome returns a requested outcome; [NotFound] if there is none.
func (f Found) Outcome(ref Ref) (Outcome, error) { return finding[Outcome](f, ref) }

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
