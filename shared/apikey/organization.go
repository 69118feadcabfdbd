package apikey

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Settings of an organization that has not chosen others.
const (
	DefaultRetention      = 30 * 24 * time.Hour
	DefaultStaleAfterDays = 90
)

// OnExposure is what an organization wants to happen to a key that is reported
// as leaked. The report is recorded on the key either way.
type OnExposure string

// What can happen to a leaked key. Disabling it is the zero value.
const (
	DisableExposed OnExposure = ""
	ReportExposed  OnExposure = "report"
)

// String returns "disable" or "report".
func (e OnExposure) String() string { return cmp.Or(string(e), "disable") }

// OrgID names an organization: 2 to 40 characters of a-z, 0-9 and inner
// hyphens, starting with a letter, so that it can be part of a host name. It
// cannot be changed later.
type OrgID string

// RegionsLabel is part of regional host names, such as
// eu-central-1.aws.api.DOMAIN. Keyward reserves it below api.DOMAIN, so no
// organization can have this id.
const RegionsLabel = "aws"

// Deployment stands for an organization in the audit records of what concerns
// all of them. No organization can have this id.
const Deployment OrgID = RegionsLabel

// Valid reports whether the id has the form above.
func (id OrgID) Valid() bool {
	if len(id) < 2 || len(id) > 40 || id[0] < 'a' || id[0] > 'z' || strings.HasSuffix(string(id), "-") {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// orgIDRule is what a caller is told about an organization id that is not valid.
const orgIDRule = "The organization's id is 2 to 40 characters of a-z, 0-9 and inner hyphens, and starts with a letter."

// Organization owns keys. Its record also counts them, so that each change can
// enforce the quota as a condition.
type Organization struct {
	ID   OrgID
	Name string
	// KeyPrefix begins the text of its new keys.
	KeyPrefix string
	// MaxKeys is the quota. The store keeps KeyCount in the same transaction as
	// each creation and deletion.
	MaxKeys, KeyCount int
	// Recoverable allows keys to be created recoverable.
	Recoverable bool
	// NoSelfService stops users from creating personal keys of their own
	// without a permission to create keys.
	NoSelfService bool
	// MaxKeyLifetime is the longest time from a key's creation to its expiry; 0
	// means that keys need not expire.
	MaxKeyLifetime time.Duration
	// Retention is how long a deleted key can be restored; 0 means not at all.
	Retention time.Duration
	// OnExposure is what happens to a key that is reported as leaked.
	OnExposure OnExposure
	// StaleAfterDays is after how many days without use a key counts as stale; 0
	// means never.
	StaleAfterDays int
	// Accounts are the AWS accounts whose APIs the organization may register.
	// An operator sets them, because whoever registers an API decides whose
	// keys open it.
	Accounts []string
	// Declared are the permissions that all its services declare.
	Declared []Permission
	// Withdrawn are permissions that no service declares any more and that are
	// still being taken from keys, policies and users.
	Withdrawn permission.Set
	// Owners counts the users who are OWNER.
	Owners    int
	CreatedOn time.Time
	// Version counts its changes of everything but KeyCount, from 1.
	Version int64
}

// Status is what every use of an organization's keys reads. It is a record of
// its own, so that a large catalogue does not make that read large.
type Status struct {
	Org OrgID
	// Suspended makes all of the organization's keys and users invalid until an
	// operator resumes it: see [Rules.Suspend].
	Suspended bool
	// Representative is the organization's first user who is OWNER or ADMIN.
	// Shared keys may identify as that user; zero if there is none.
	Representative uuid.UUID
	// Version counts its changes; 0 where it was never written, because the
	// organization was stored by an earlier version.
	Version int64
}

// Catalogue returns every permission that a key of the organization can be
// given: Keyward's own and the declared ones, by name.
func (o Organization) Catalogue() []Permission {
	all := slices.Concat(ownPermissions, o.Declared)
	slices.SortFunc(all, func(a, b Permission) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b Permission) bool { return a.Name == b.Name })
}

// declares returns the names in the catalogue.
func (o Organization) declares() permission.Set {
	catalogue := o.Catalogue()
	names := make(permission.Set, len(catalogue))
	for i, p := range catalogue {
		names[i] = p.Name
	}
	return names
}
