package apikey

import (
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// DefaultMaxKeys is how many keys an organization may have where nothing else
// is set (the Polaris document).
const DefaultMaxKeys = 20

// DefaultPrefix begins the keys of an organization that chose no other.
const DefaultPrefix = "kw"

// OrgID names an organization: 2 to 40 characters of a-z, 0-9 and inner
// hyphens, starting with a letter, so that it can stand in a host name. It
// never changes.
type OrgID string

// RegionsLabel stands in the host names of regions, such as
// eu-central-1.aws.api.DOMAIN. It is the one name below api.DOMAIN that is
// Keyward's own, so no organization may have it.
const RegionsLabel = "aws"

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

// Organization owns keys. Its record also counts them, so that the quota is a
// condition of the change itself.
type Organization struct {
	ID   OrgID
	Name string
	// KeyPrefix begins the text of its new keys.
	KeyPrefix string
	// MaxKeys is its quota; KeyCount is kept by the store, in the same
	// transaction as each creation and deletion.
	MaxKeys, KeyCount int
	// Recoverable says whether keys may be created recoverable.
	Recoverable bool
	// NoSelfService says that its users make no personal keys of their own without
	// a permission to make keys.
	NoSelfService bool
	// MaxKeyLifetime is the longest time from a key's creation to its expiry;
	// 0 means that keys need not expire.
	MaxKeyLifetime time.Duration
	// Accounts are the AWS accounts whose APIs it may register, as an operator
	// says: whoever registers an API decides whose keys open it.
	Accounts []string
	// Declared are the permissions that its services declare, collected.
	Declared []Permission
	// Withdrawn are permissions that no service declares any more, while they
	// are being taken out of keys, policies and users.
	Withdrawn Permissions
	// Owners is how many users are OWNER.
	Owners    int
	CreatedOn time.Time
	// Version counts its changes of everything but KeyCount, from 1.
	Version int64
}

// Status is what every use of an organization's keys asks for. It stands apart
// from the organization's record, so that no catalogue makes it large.
type Status struct {
	Org OrgID
	// Suspended says that none of the organization's keys and users count, until
	// an operator ends that: see [Keys.Suspend].
	Suspended bool
	// Representative is its first user who is OWNER or ADMIN, as whom shared
	// keys may identify; zero where there is none.
	Representative keytext.ID
	// Version counts its changes; 0 where it was never written, because the
	// organization was stored by an earlier version.
	Version int64
}

// Catalogue is every permission that a key of the organization can be given:
// Keyward's own and the declared ones, by name.
func (o Organization) Catalogue() []Permission {
	all := append(slices.Clone(ownPermissions), o.Declared...)
	slices.SortFunc(all, func(a, b Permission) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b Permission) bool { return a.Name == b.Name })
}

// declares is the catalogue as a set of names.
func (o Organization) declares() Permissions {
	var names []string
	for _, p := range o.Catalogue() {
		names = append(names, p.Name)
	}
	return NewPermissions(names...)
}
