package apikey

import (
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// Draft is what a caller can write of a key.
type Draft struct {
	Name, Description string
	// Nameless allows a key without a name.
	Nameless bool
	// Type, Recoverable and Listed cannot be changed later; the zero Type is
	// [TypeService].
	Type        KeyType
	Recoverable bool
	Listed      bool
	// Permissions is a direct grant, or the limit of a personal key that is
	// Narrowed. A key has Permissions or a Policy, not both.
	Permissions permission.Set
	Narrowed    bool
	// DeclaredOnly refuses new permissions of Keyward's own, for formats that
	// have none of them.
	DeclaredOnly bool
	Policy       uuid.UUID
	OnBehalfOf   uuid.UUID
	// Services are the ids of the services that the key is limited to.
	Services             []string
	Disabled             bool
	NotBefore, ExpiresOn time.Time
	// LongestLife gives a new key without ExpiresOn the longest lifetime that
	// its organization allows, for formats without an expiry.
	LongestLife bool
	// AllowIPs are addresses and ranges as the caller wrote them. IPv4Only
	// refuses new IPv6 addresses. AnyAddress says that the caller means no
	// limit, and is refused if the key has one.
	AllowIPs             []string
	IPv4Only, AnyAddress bool
}

// Edit is a partial change: a nil field is left as it is.
type Edit struct {
	// Type, unless empty, must be the key's own: it cannot be changed.
	Type              KeyType
	Name, Description *string
	Permissions       *permission.Set
	Narrowed          *bool
	// The zero OnBehalfOf disables a personal key.
	Policy, OnBehalfOf   *uuid.UUID
	Services             *[]string
	Disabled             *bool
	NotBefore, ExpiresOn *time.Time
	AllowIPs             *[]string
	// IPv4Only, AnyAddress and DeclaredOnly mean the same as in [Draft].
	IPv4Only, AnyAddress, DeclaredOnly bool
}

// ServiceDraft is what a caller can write of a service.
type ServiceDraft struct {
	Name        string
	Permissions []Permission
	APIs        []routing.API
	Routes      []routing.Route
	// Unlisted defaults to [routing.RefuseUnlisted].
	Unlisted routing.Unlisted
	Cache    routing.GatewayCache
	// KeepCache leaves the service's Cache as it is.
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
	Retention      time.Duration
	OnExposure     OnExposure
	StaleAfterDays int
}

// SettingsEdit is a partial change of settings: a nil field is left as it is.
type SettingsEdit struct {
	Name, KeyPrefix *string
	MaxKeys         *int
	Recoverable     *bool
	NoSelfService   *bool
	MaxKeyLifetime  *time.Duration
	Retention       *time.Duration
	OnExposure      *OnExposure
	StaleAfterDays  *int
}

// apply returns the organization's settings with the edit applied.
func (e SettingsEdit) apply(o Organization) Settings {
	s := Settings{o.Name, o.KeyPrefix, o.MaxKeys, o.Recoverable, o.NoSelfService, o.MaxKeyLifetime, o.Retention, o.OnExposure, o.StaleAfterDays}
	set(&s.Name, e.Name)
	set(&s.KeyPrefix, e.KeyPrefix)
	set(&s.MaxKeys, e.MaxKeys)
	set(&s.Recoverable, e.Recoverable)
	set(&s.NoSelfService, e.NoSelfService)
	set(&s.MaxKeyLifetime, e.MaxKeyLifetime)
	set(&s.Retention, e.Retention)
	set(&s.OnExposure, e.OnExposure)
	set(&s.StaleAfterDays, e.StaleAfterDays)
	return s
}
