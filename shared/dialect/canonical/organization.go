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
	KeyPrefix   string `json:"keyPrefix" doc:"Begins the text of new keys."`
	MaxKeys     int    `json:"maxKeys" doc:"How many keys the organization may have, disabled ones included."`
	KeyCount    int    `json:"keyCount" doc:"How many it has."`
	Recoverable bool   `json:"recoverable" doc:"Whether keys may be created recoverable."`
	Lifetime    int    `json:"maxKeyLifetimeSeconds" doc:"The longest time from a key's creation to its expiry; 0: keys need not expire."`
}

// SettingsBody is what PUT takes: all that an OWNER can change of an
// organization.
type SettingsBody struct {
	Name        string   `json:"name" wire:"required"`
	KeyPrefix   string   `json:"keyPrefix" wire:"required" doc:"2 to 8 characters of a-z and 0-9, the first a letter."`
	MaxKeys     int      `json:"maxKeys" wire:"required"`
	Recoverable bool     `json:"recoverable"`
	Lifetime    int      `json:"maxKeyLifetimeSeconds"`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
}

const maxLifetime = int64(math.MaxInt64 / time.Second)

// Check finds a lifetime that is none.
func (b SettingsBody) Check() []apikey.FieldError {
	if b.Lifetime >= 0 && int64(b.Lifetime) <= maxLifetime {
		return nil
	}
	return []apikey.FieldError{{
		Field: "maxKeyLifetimeSeconds", Code: apikey.FieldValue, Detail: "maxKeyLifetimeSeconds is 0, or a whole number of seconds.",
	}}
}

// Settings is the body in the rules' terms.
func (b SettingsBody) Settings() apikey.Settings {
	return apikey.Settings{
		Name: b.Name, KeyPrefix: b.KeyPrefix, MaxKeys: b.MaxKeys,
		Recoverable: b.Recoverable, MaxKeyLifetime: time.Duration(b.Lifetime) * time.Second,
	}
}

// FromOrganization is the form of an organization.
func FromOrganization(org apikey.Organization) Organization {
	return Organization{
		ID: string(org.ID), Name: org.Name, KeyPrefix: org.KeyPrefix, MaxKeys: org.MaxKeys, KeyCount: org.KeyCount,
		Recoverable: org.Recoverable, Lifetime: int(org.MaxKeyLifetime / time.Second),
	}
}
