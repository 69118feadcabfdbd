package apikey

import (
	"net/netip"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// MaxNameBytes limits a key's name and description together, in bytes of UTF-8
// (the Polaris document).
const MaxNameBytes = 191

// MaxAllowIPs is how many addresses and ranges a key can have.
const MaxAllowIPs = 100

// KeyType says whom a key acts for.
type KeyType string

// The types of keys.
const (
	// TypeService acts for itself, with its own grant.
	TypeService KeyType = "service"
	// TypePersonal acts as its user, with the user's permissions at the time of
	// use, or fewer if it is narrowed (the Polyteia document; Supermetrics'
	// "user").
	TypePersonal KeyType = "personal"
	// TypeShared has its own grant and identifies as a user: OnBehalfOf, or, if the
	// key is Representable, the organization's first OWNER or ADMIN (Supermetrics'
	// "query" and "none").
	TypeShared KeyType = "shared"
)

// Key is an API key's record. It never holds the secret, only a digest from
// which the secret cannot be computed.
type Key struct {
	ID  uuid.UUID
	Org OrgID
	// Name is empty if the key's dialect gives it none.
	Name, Description string
	// Claim is the name's NFC form, which is unique. It is empty for a key
	// without a name.
	Claim string
	Type  KeyType

	// Permissions is the direct grant of a key without a Policy. A Narrowed
	// personal key has only those of its user's permissions that are listed
	// here.
	Permissions permission.Set
	Narrowed    bool
	// Policy is the policy whose permissions the key has; zero for none.
	Policy uuid.UUID
	// OnBehalfOf is the user of a personal key. A shared key may have one too.
	OnBehalfOf uuid.UUID
	// UserPolicy is the policy that the user of a personal key had when the key
	// was written. It decides nothing; it lets a reader fetch that policy
	// together with the user.
	UserPolicy uuid.UUID
	// Representable says that a shared key without a user identifies as the
	// organization's representative. It is set if the key's creator was allowed
	// to create it without a user.
	Representable bool
	// Services are the ids of the services on which the key can be used; none
	// means all of its organization's.
	Services []string

	Disabled bool
	// NotBefore and ExpiresOn bound the time of use; ExpiresOn is excluded.
	// Zero means no bound. Both are whole seconds.
	NotBefore, ExpiresOn time.Time
	// AllowIPs are the addresses from which the key can be used, masked and
	// without IPv4-mapped forms; none means any.
	AllowIPs []netip.Prefix
	// Recoverable says that an encrypted copy of the key's text is stored.
	Recoverable bool
	// Listed says that a shared key appears in lists of queries (Supermetrics'
	// "query").
	Listed bool

	// DeletedOn is when the key was deleted; zero for a key that is not. A deleted
	// key is a tombstone: it opens nothing, has no name and counts nowhere. It can
	// be restored until PurgeOn, when a sweep removes it.
	DeletedOn, PurgeOn time.Time
	// Exposure is set once somebody reported the key as leaked, until
	// somebody else than the key itself rotates it.
	Exposure *Exposure

	// Redacted and Start are the two forms that may be shown of the current
	// secret. They are computed when it is made, while the text is known.
	Redacted, Start string
	Digest          Digest
	// Generation numbers the current secret, from 1. SecretOn is when it was
	// made; zero for the first, which is as old as the key.
	Generation int
	SecretOn   time.Time
	// Older are the secrets before the current one, newest first, at most
	// [MaxOlder].
	Older     []OlderSecret
	CreatedBy Actor
	// MovedOn is when a secret's digest was last replaced by one under a newer
	// pepper, which changes nothing else; zero for never.
	MovedOn time.Time
	// LastModifiedBy and LastModifiedOn are zero until the first change.
	LastModifiedBy Actor
	// Times are UTC, in whole milliseconds.
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes, from 1.
	Version int64
}

// Exposure says who reported a key as leaked, and when.
type Exposure struct {
	ReportedOn time.Time
	// Source is where the key was found, such as "github", and URL the place
	// there; both can be empty.
	Source, URL string
}

// modified records who changed the key, and when. That time never goes back,
// even if a clock does: see [Key.EndedPermanently].
func (k *Key) modified(by Actor, at time.Time) {
	if k.LastModifiedBy = by; at.After(k.LastModifiedOn) {
		k.LastModifiedOn = at
	}
}

// Deleted reports whether the key is a tombstone.
func (k *Key) Deleted() bool { return !k.DeletedOn.IsZero() }

// Live reports whether the key can be used at that time: it is enabled, not
// deleted, and within its time bounds.
func (k *Key) Live(now time.Time) bool {
	return !k.Disabled && !k.Deleted() && !now.Before(k.NotBefore) && (k.ExpiresOn.IsZero() || now.Before(k.ExpiresOn))
}

// AllowsSource reports whether the key can be used from that address. A key
// with address rules cannot be used from an unknown address.
func (k *Key) AllowsSource(source netip.Addr) bool { return AllowsSource(k.AllowIPs, source) }

// AllowsSource reports whether address rules allow source, as
// [Key.AllowsSource] does.
func AllowsSource(rules []netip.Prefix, source netip.Addr) bool {
	if len(rules) == 0 {
		return true
	}
	source = source.Unmap()
	for _, prefix := range rules {
		if prefix.Contains(source) {
			return true
		}
	}
	return false
}

// Actor is a key or a user that did something.
type Actor struct {
	// Username is a user's e-mail address. For a key it is "api-key-" and the
	// redacted form in lower case (the Polaris document).
	Username string
	// UserID is the user's id, or the key's.
	UserID string
}

// Actor returns the key as an actor that acts for itself.
func (k Key) Actor() Actor {
	return Actor{Username: "api-key-" + strings.ToLower(k.Redacted), UserID: k.ID.String()}
}
