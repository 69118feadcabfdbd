package apikey

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Change is one transaction: writes, each with its condition, and the record of
// it. There is no change without its audit record, and no record without its
// change.
type Change struct {
	// Writes concern different things: no two touch the same key, name,
	// organization, pepper or API. Creating or deleting a key touches its
	// organization.
	Writes []Write
	Audit  AuditRecord
}

// Write is one part of a [Change]: one of the types below, and no other.
type Write interface{ write() }

// CreateKey adds a key, claims its name, if it has one, and counts it. It fails
// with [Stale] where a key of that id exists or the organization does not, with
// [QuotaReached] where the organization's KeyCount has come to its MaxKeys, and
// with [NameTaken].
type CreateKey struct{ Key Key }

// ReplaceKey puts After in the place of Before, and moves the claim where the
// name changed. It fails with [Stale] where the version is not Before's, and
// with [NameTaken].
type ReplaceKey struct{ Before, After Key }

// DeleteKey removes a key, its claim and its place in the count. It fails with
// [Stale] where the version is not Key's.
type DeleteKey struct{ Key Key }

// RequireKey writes nothing. It fails with [Stale] unless the key exists in that
// version: it binds a change to what its caller may do at that moment.
type RequireKey struct {
	ID      keytext.ID
	Version int64
}

// CreateOrganization adds an organization, with a KeyCount of 0. It fails with
// [Stale] where it exists.
type CreateOrganization struct{ Organization Organization }

// ReplaceOrganization puts After in the place of Before, KeyCount excepted. It
// fails with [Stale] where the version is not Before's.
type ReplaceOrganization struct{ Before, After Organization }

// CreatePepper adds a pepper. It fails with [Stale] where one of that version
// exists.
type CreatePepper struct{ Pepper Pepper }

// PutService registers a service's APIs and routes, in the place of what was
// registered for the same APIs.
type PutService struct{ Service Service }

func (CreateKey) write()           {}
func (ReplaceKey) write()          {}
func (DeleteKey) write()           {}
func (RequireKey) write()          {}
func (CreateOrganization) write()  {}
func (ReplaceOrganization) write() {}
func (CreatePepper) write()        {}
func (PutService) write()          {}

// AuditRecord says who did what to what, when and from where. It never holds a
// secret or a digest.
type AuditRecord struct {
	// ID is unique, and makes committing the same change again harmless.
	ID     keytext.ID
	Org    OrgID
	At     time.Time
	Action Action
	Actor  Actor
	// Target is the id of the key, or the name of what else was changed.
	Target               string
	Source               netip.Addr
	UserAgent, RequestID string
	// Before and After are what a key grants and is called; nil where it did
	// not or does not exist.
	Before, After *KeyFacts
}

// KeyFacts is what of a key an audit record shows.
type KeyFacts struct {
	Name, Description string
	Permissions       Permissions
}

// Action is what was done.
type Action string

// The actions.
const (
	ActionCreateKey          Action = "apikey.create"
	ActionUpdateKey          Action = "apikey.update"
	ActionDeleteKey          Action = "apikey.delete"
	ActionCreateOrganization Action = "organization.create"
	ActionUpdateOrganization Action = "organization.update"
	ActionCreatePepper       Action = "pepper.create"
	ActionRegisterService    Action = "service.register"
)

func (k Key) facts() *KeyFacts {
	return &KeyFacts{Name: k.Name, Description: k.Description, Permissions: k.Permissions}
}
