package apikey

import (
	"time"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

// Draft is what a caller writes of a key.
type Draft struct {
	Name, Description string
	// Nameless allows a key without a name.
	Nameless bool
	// Type, Recoverable and Listed are fixed at creation; the zero Type is
	// [TypeService].
	Type        KeyType
	Recoverable bool
	Listed      bool
	// Permissions is a direct grant, or what a personal key is narrowed to
	// where Narrowed is set. Policy is the other way to grant: not both.
	Permissions Permissions
	Narrowed    bool
	// DeclaredOnly takes no permissions but those of services, besides what the
	// key has: for formats to which Keyward's own are none.
	DeclaredOnly bool
	Policy       keytext.ID
	OnBehalfOf   keytext.ID
	// Services are ids of services that the key is limited to.
	Services             []string
	Disabled             bool
	NotBefore, ExpiresOn time.Time
	// LongestLife gives a new key without ExpiresOn the latest that its
	// organization allows: for formats that know no expiry.
	LongestLife bool
	// AllowIPs are addresses and ranges as the caller wrote them. IPv4Only takes
	// no others than those of IPv4, besides what the key has. AnyAddress says that
	// the key has no limit, and is a fault where it has one.
	AllowIPs             []string
	IPv4Only, AnyAddress bool
}

// Edit is a partial change: a nil field is kept.
type Edit struct {
	// Type is the key's own, where it is not empty: it cannot be changed.
	Type              KeyType
	Name, Description *string
	Permissions       *Permissions
	Narrowed          *bool
	// OnBehalfOf of nobody disables a personal key.
	Policy, OnBehalfOf   *keytext.ID
	Services             *[]string
	Disabled             *bool
	NotBefore, ExpiresOn *time.Time
	AllowIPs             *[]string
	// IPv4Only, AnyAddress and DeclaredOnly are those of [Draft].
	IPv4Only, AnyAddress, DeclaredOnly bool
}

// ServiceDraft is what a caller writes of a service.
type ServiceDraft struct {
	Name        string
	Permissions []Permission
	APIs        []routing.API
	Routes      []routing.Route
	// Unlisted is empty for [RefuseUnlisted].
	Unlisted routing.Unlisted
	Cache    routing.GatewayCache
	// KeepCache leaves what a service has of Cache as it is.
	KeepCache bool
}

// Settings are what an OWNER can change of an organization.
type Settings struct {
	Name           string
	KeyPrefix      string
	MaxKeys        int
	Recoverable    bool
	NoSelfService  bool
	MaxKeyLifetime time.Duration
}

// SettingsEdit is a partial change of settings: a nil field is kept.
type SettingsEdit struct {
	Name, KeyPrefix *string
	MaxKeys         *int
	Recoverable     *bool
	NoSelfService   *bool
	MaxKeyLifetime  *time.Duration
}

// apply is the settings that the edit makes of an organization's.
func (e SettingsEdit) apply(o Organization) Settings {
	s := Settings{o.Name, o.KeyPrefix, o.MaxKeys, o.Recoverable, o.NoSelfService, o.MaxKeyLifetime}
	set(&s.Name, e.Name)
	set(&s.KeyPrefix, e.KeyPrefix)
	set(&s.MaxKeys, e.MaxKeys)
	set(&s.Recoverable, e.Recoverable)
	set(&s.NoSelfService, e.NoSelfService)
	set(&s.MaxKeyLifetime, e.MaxKeyLifetime)
	return s
}
