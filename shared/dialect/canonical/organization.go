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
	KeyPrefix   string `json:"keyPrefix" doc:"The first characters of new keys, before the last underscore."`
	MaxKeys     int    `json:"maxKeys" doc:"The most keys that the organization can have, disabled ones included."`
	KeyCount    int    `json:"keyCount" doc:"How many keys it has."`
	Recoverable bool   `json:"recoverable" doc:"Whether recoverable keys can be created."`
	Lifetime    int    `json:"maxKeyLifetimeSeconds" doc:"The longest time from a key's creation to its expiry. 0 if keys need not expire."`
	SelfService bool   `json:"selfService" doc:"Whether users can create personal keys of their own without a permission to create keys. They can do so until the organization has half of maxKeys. They can always disable and delete their keys."`
	Retention   int    `json:"retentionSeconds"`
	OnExposure  string `json:"onExposure" enum:"disable,report"`
	StaleAfter  int    `json:"staleAfterDays"`
}

// SettingsBody is the body of PUT: everything an OWNER can change about an
// organization. Absent settings that limit keys stay, so that an omission never
// removes a protection.
type SettingsBody struct {
	Name        string   `json:"name" wire:"required"`
	KeyPrefix   string   `json:"keyPrefix" wire:"required" doc:"The first characters of new keys, before the last underscore: 2 to 16 characters of a-z and 0-9, starting with a letter, with at most one underscore, inside."`
	MaxKeys     int      `json:"maxKeys" wire:"required"`
	Recoverable *bool    `json:"recoverable" wire:"nullable" doc:"Whether recoverable keys can be created. If absent, this stays. null means false."`
	SelfService *bool    `json:"selfService" wire:"set" doc:"Whether users can create personal keys of their own without a permission to create keys. If absent, this stays."`
	Lifetime    *int     `json:"maxKeyLifetimeSeconds" wire:"nullable" doc:"The longest time from a key's creation to its expiry. If absent, this stays. null and 0 remove the limit."`
	Retention   *int     `json:"retentionSeconds" wire:"set" doc:"How long a deleted key can be restored, up to 31536000 seconds (365 days). With 0, a deleted key cannot be restored. If absent, this stays."`
	OnExposure  *string  `json:"onExposure" wire:"set" enum:"disable,report" doc:"What happens to a key that is reported as leaked. If absent, this stays."`
	StaleAfter  *int     `json:"staleAfterDays" wire:"set" doc:"After how many days without use a key is stale, up to 3650. 0 means never. If absent, this stays."`
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
	Retention   *int     `json:"retentionSeconds" wire:"set"`
	OnExposure  *string  `json:"onExposure" wire:"set" enum:"disable,report"`
	StaleAfter  *int     `json:"staleAfterDays" wire:"set"`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
}

// patch returns the patch that comes to the same.
func (b SettingsBody) patch() SettingsPatch {
	return SettingsPatch{
		Name: &b.Name, KeyPrefix: &b.KeyPrefix, MaxKeys: &b.MaxKeys, Recoverable: b.Recoverable, SelfService: b.SelfService, Lifetime: b.Lifetime,
		Retention: b.Retention, OnExposure: b.OnExposure, StaleAfter: b.StaleAfter,
	}
}

// Check returns the faults of settings that the rules cannot be told about.
func (b SettingsBody) Check() []apikey.FieldError { return b.patch().Check() }

// Check returns the faults of settings that the rules cannot be told about.
func (p SettingsPatch) Check() []apikey.FieldError {
	faults := append(checkSeconds("maxKeyLifetimeSeconds", p.Lifetime), checkSeconds("retentionSeconds", p.Retention)...)
	if p.OnExposure != nil && *p.OnExposure == "" { // the rules' name for disable
		faults = append(faults, apikey.FieldError{Field: "onExposure", Code: apikey.FieldValue, Detail: "onExposure must be disable or report."})
	}
	return faults
}

const maxSeconds = int64(math.MaxInt64 / time.Second)

func checkSeconds(field string, seconds *int) []apikey.FieldError {
	if seconds == nil || *seconds >= 0 && int64(*seconds) <= maxSeconds {
		return nil
	}
	return []apikey.FieldError{{Field: field, Code: apikey.FieldValue, Detail: field + " must be a whole number of seconds, or 0."}}
}

// Edit returns the body as an edit for the rules.
func (b SettingsBody) Edit() apikey.SettingsEdit { return b.patch().Edit() }

// Edit returns the body as an edit for the rules.
func (p SettingsPatch) Edit() apikey.SettingsEdit {
	edit := apikey.SettingsEdit{Name: p.Name, KeyPrefix: p.KeyPrefix, MaxKeys: p.MaxKeys, Recoverable: p.Recoverable, StaleAfterDays: p.StaleAfter}
	if p.SelfService != nil {
		off := !*p.SelfService
		edit.NoSelfService = &off
	}
	edit.MaxKeyLifetime, edit.Retention = inSeconds(p.Lifetime), inSeconds(p.Retention)
	if p.OnExposure != nil {
		edit.OnExposure = new(apikey.OnExposure(*p.OnExposure))
		if *p.OnExposure == apikey.DisableExposed.String() {
			*edit.OnExposure = apikey.DisableExposed
		}
	}
	return edit
}

func inSeconds(n *int) *time.Duration {
	if n == nil {
		return nil
	}
	return new(time.Duration(*n) * time.Second)
}

// FromOrganization returns an organization in wire form.
func FromOrganization(org apikey.Organization) Organization {
	return Organization{
		ID: string(org.ID), Name: org.Name, KeyPrefix: org.KeyPrefix, MaxKeys: org.MaxKeys, KeyCount: org.KeyCount,
		Recoverable: org.Recoverable, SelfService: !org.NoSelfService, Lifetime: int(org.MaxKeyLifetime / time.Second),
		Retention: int(org.Retention / time.Second), OnExposure: org.OnExposure.String(), StaleAfter: org.StaleAfterDays,
	}
}
