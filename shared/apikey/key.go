package apikey

import (
	"net/netip"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// MaxNameBytes is how long a key's name and description may be together, in
// bytes of UTF-8 (the Polaris document).
const MaxNameBytes = 191

// MaxAllowIPs is how many addresses and ranges a key may name.
const MaxAllowIPs = 100

// KeyType says whom a key stands for.
type KeyType string

// The types of keys.
const (
	// TypeService stands for itself, with what it was granted.
	TypeService KeyType = "service"
	// TypePersonal acts as its user, with what that user may do at the time of
	// use, or less where it was narrowed (the Polyteia document; Supermetrics'
	// "user").
	TypePersonal KeyType = "personal"
	// TypeShared has its own grant and identifies as a user: OnBehalfOf, or
	// else the organization's first OWNER or ADMIN (Supermetrics' "query" and
	// "none").
	TypeShared KeyType = "shared"
)

// Key is an API key's record. It holds a digest of the secret, from which the
// secret cannot be computed, and never the secret.
type Key struct {
	ID  keytext.ID
	Org OrgID
	// Name is empty where the key's dialect gives it none.
	Name, Description string
	// Claim is what must be unique about the name: its NFC form. Empty for a
	// key without a name.
	Claim string
	Type  KeyType

	// Permissions is the direct grant of a key without a Policy. A personal key
	// that is Narrowed has of its user's permissions no more than these.
	Permissions Permissions
	Narrowed    bool
	// Policy is the policy whose permissions the key has; zero for none.
	Policy keytext.ID
	// OnBehalfOf is the user of a personal key, and may be one of a shared key.
	OnBehalfOf keytext.ID
	// UserPolicy is the policy that the user of a personal key had when the key
	// was written. It decides nothing: it says what to read together with the
	// user.
	UserPolicy keytext.ID
	// Representable says that a shared key identifies as the organization's
	// representative while it has no user: its maker could have made it without
	// one.
	Representable bool
	// Services are the ids of the services that the key can be used on; none
	// means all of its organization.
	Services []string

	Disabled bool
	// NotBefore and ExpiresOn bound the time of use, the second excluded; zero
	// means no bound. They are whole seconds.
	NotBefore, ExpiresOn time.Time
	// AllowIPs are the addresses of use, masked and without IPv4-mapped forms;
	// none means any.
	AllowIPs []netip.Prefix
	// Recoverable says that an encrypted copy of the text is kept.
	Recoverable bool
	// Listed says that a shared key is shown in lists of queries
	// (Supermetrics' "query").
	Listed bool

	// Redacted and Start are the two forms that may be shown, kept from when
	// the key's text was known.
	Redacted, Start string
	Digest          Digest
	CreatedBy       Actor
	// LastModifiedBy and LastModifiedOn are zero until the first change.
	LastModifiedBy Actor
	// Times are UTC, in whole milliseconds.
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes, from 1.
	Version int64
}

// Live reports whether the key can be used at that time: it is enabled, and the
// time is within its bounds.
func (k *Key) Live(now time.Time) bool {
	return !k.Disabled && !now.Before(k.NotBefore) && (k.ExpiresOn.IsZero() || now.Before(k.ExpiresOn))
}

// AllowsSource reports whether the key can be used from that address. A key with
// rules is not to be used from an address that is unknown.
func (k *Key) AllowsSource(source netip.Addr) bool { return AllowsSource(k.AllowIPs, source) }

// AllowsSource reports whether a key with those rules on addresses can be used
// from that one, as [Key.AllowsSource] says.
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

// Actor is who did something: a key, or a user.
type Actor struct {
	// Username is a user's e-mail, or for a key "api-key-" and its redacted
	// form in lower case (the Polaris document).
	Username string
	// UserID is the user's id, or the key's.
	UserID string
}

// Actor is the key as one that does something in its own name.
func (k Key) Actor() Actor {
	return Actor{Username: "api-key-" + strings.ToLower(k.Redacted), UserID: k.ID.String()}
}
