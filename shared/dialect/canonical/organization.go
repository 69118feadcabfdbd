package canonical

import (
	"math"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Organization is an organization as every answer shows it.
type Organization struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	KeyPrefix   string `json:"keyPrefix" doc:"The first characters of new keys, before the underscore."`
	MaxKeys     int    `json:"maxKeys" doc:"The most keys that the organization can have, disabled ones included."`
	KeyCount    int    `json:"keyCount" doc:"How many keys it has."`
	Recoverable bool   `json:"recoverable" doc:"Whether recoverable keys can be created."`
	Lifetime    int    `json:"maxKeyLifetimeSeconds" doc:"The longest time from a key's creation to its expiry. 0 if keys need not expire."`
	SelfService bool   `json:"selfService" doc:"Whether users can create personal keys of their own without a permission to create keys. They can do so until the organization has half of maxKeys. They can always disable and delete their keys."`
}

// SettingsBody is the body of PUT: everything an OWNER can change about an
// organization. Absent settings that limit keys stay, so that an omission never
// removes a protection.
type SettingsBody struct {
	Name        string   `json:"name" wire:"required"`
	KeyPrefix   string   `json:"keyPrefix" wire:"required" doc:"The first characters of new keys, before the underscore: 2 to 8 characters of a-z and 0-9, starting with a letter."`
	MaxKeys     int      `json:"maxKeys" wire:"required"`
	Recoverable *bool    `json:"recoverable" wire:"nullable" doc:"Whether recoverable keys can be created. If absent, this stays. null means false."`
	SelfService *bool    `json:"selfService" wire:"set" doc:"Whether users can create personal keys of their own without a permission to create keys. If absent, this stays."`
	Lifetime    *int     `json:"maxKeyLifetimeSeconds" wire:"nullable" doc:"The longest time from a key's creation to its expiry. If absent, this stays. null and 0 remove the limit."`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
}

// SettingsPatch is the body of PATCH. An absent setting keeps its value; null
// clears it.
type SettingsPatch struct {
	Name        *string  `json:"name" wire:"nullable"`
	KeyPrefix   *string  `json:"keyPrefix" wire:"set"`
	MaxKeys     *int     `json:"maxKeys" wire:"set"`
	Recoverable *bool    `json:"recoverable" wire:"nullable" doc:"Whether recoverable keys can be created. null means false."`
	SelfService *bool    `json:"selfService" wire:"set"`
	Lifetime    *int     `json:"maxKeyLifetimeSeconds" wire:"nullable" doc:"The longest time from a key's creation to its expiry. null and 0 remove the limit."`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
}

const maxLifetime = int64(math.MaxInt64 / time.Second)

// Check returns a fault if the lifetime is invalid.
func (b SettingsBody) Check() []apikey.FieldError { return checkLifetime(b.Lifetime) }

// Check returns a fault if the lifetime is invalid.
func (p SettingsPatch) Check() []apikey.FieldError { return checkLifetime(p.Lifetime) }

func checkLifetime(seconds *int) []apikey.FieldError {
	if seconds == nil || *seconds >= 0 && int64(*seconds) <= maxLifetime {
		return nil
	}
	return []apikey.FieldError{{
		Field: "maxKeyLifetimeSeconds", Code: apikey.FieldValue, Detail: "maxKeyLifetimeSeconds must be a whole number of seconds, or 0 for no limit.",
	}}
}

// Edit returns the body as an edit for the rules.
func (b SettingsBody) Edit() apikey.SettingsEdit {
	return SettingsPatch{Name: &b.Name, KeyPrefix: &b.KeyPrefix, MaxKeys: &b.MaxKeys, Recoverable: b.Recoverable, SelfService: b.SelfService, Lifetime: b.Lifetime}.Edit()
}

// Edit returns the body as an edit for the rules.
func (p SettingsPatch) Edit() apikey.SettingsEdit {
	edit := apikey.SettingsEdit{Name: p.Name, KeyPrefix: p.KeyPrefix, MaxKeys: p.MaxKeys, Recoverable: p.Recoverable}
	if p.SelfService != nil {
		off := !*p.SelfService
		edit.NoSelfService = &off
	}
	if p.Lifetime != nil {
		lifetime := time.Duration(*p.Lifetime) * time.Second
		edit.MaxKeyLifetime = &lifetime
	}
	return edit
}

// FromOrganization returns an organization in wire form.
func FromOrganization(org apikey.Organization) Organization {
	return Organization{
		ID: string(org.ID), Name: org.Name, KeyPrefix: org.KeyPrefix, MaxKeys: org.MaxKeys, KeyCount: org.KeyCount,
		Recoverable: org.Recoverable, SelfService: !org.NoSelfService, Lifetime: int(org.MaxKeyLifetime / time.Second),
	}
}
