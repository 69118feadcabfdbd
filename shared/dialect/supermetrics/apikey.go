// Package supermetrics is the wire format of the Supermetrics document. It
// defines the requests and answers under /enterprise/v2 and converts them to and
// from the rules' types.
//
// A scope of that document is a permission here. A key of type "query" is a
// listed shared key; one of type "user" is a personal key, narrowed to its
// scopes. Keys made in another format are shown as "none".
package supermetrics

import (
	"log/slog"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// The key types of the document.
const (
	TypeQuery = "query"
	TypeUser  = "user"
	TypeNone  = "none"
)

// PartialKey is a key as the list shows it.
type PartialKey struct {
	Kind        string `json:"@type" enum:"api_key" doc:"What this object is."`
	ID          string `json:"api_key_id"`
	CreatedTime string `json:"created_time" format:"date-time" doc:"In UTC, with the offset +00:00 and whole seconds."`
	Description string `json:"description"`
	Type        string `json:"key_type" enum:"query,user,none" doc:"none for a key that was created in another format, or without a type."`
	Start       string `json:"key_start" doc:"The key's first 10 characters, and '...'."`
	Enabled     bool   `json:"is_enabled"`
	BehalfOf    *User  `json:"behalf_of_user_info" doc:"The user that the key identifies as, or null."`
}

// Key is a key as every other answer shows it.
type Key struct {
	Kind        string `json:"@type" enum:"api_key" doc:"What this object is."`
	ID          string `json:"api_key_id"`
	CreatedTime string `json:"created_time" format:"date-time" doc:"In UTC, with the offset +00:00 and whole seconds."`
	Description string `json:"description"`
	Type        string `json:"key_type" enum:"query,user,none" doc:"none for a key that was created in another format, or without a type."`
	Start       string `json:"key_start" doc:"The key's first 10 characters, and '...'."`
	// Value is set only in the answer that creates the key and where a recoverable
	// key is asked for; otherwise it is nil.
	Value      *wire.Secret `json:"key_value" doc:"The whole key, if it was just created, or if it is recoverable and show_key_value is true. Otherwise null."`
	ScopeNames []string     `json:"scope_names"`
	AllowIPs   []string     `json:"allow_ips"`
	Enabled    bool         `json:"is_enabled"`
	BehalfOf   *User        `json:"behalf_of_user_info" doc:"The user that the key identifies as, or null."`
}

// LogValue returns only the key's id, for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID) }

// User is the user as whom a key identifies.
type User struct {
	Kind  string `json:"@type" enum:"user" doc:"What this object is."`
	ID    string `json:"user_id"`
	Email string `json:"email"`
}

// Meta stands beside the data or error of every answer.
type Meta struct {
	RequestID string `json:"request_id"`
}

// KeyAnswer is an answer about one key.
type KeyAnswer struct {
	Meta Meta `json:"meta"`
	Data Key  `json:"data"`
}

// KeyListAnswer is an answer about all keys.
type KeyListAnswer struct {
	Meta Meta         `json:"meta"`
	Data []PartialKey `json:"data"`
}

// FromKey returns a key in wire form, without its value.
func FromKey(key apikey.Key, names apikey.Names) Key {
	p := fromListed(key, names)
	return Key{
		Kind: p.Kind, ID: p.ID, CreatedTime: p.CreatedTime, Description: p.Description, Type: p.Type,
		Start: p.Start, Enabled: p.Enabled, BehalfOf: p.BehalfOf,
		ScopeNames: append([]string{}, key.Permissions...), AllowIPs: wire.List(key.AllowIPs, apikey.AddressText),
	}
}

// WithValue returns a copy of k that shows the whole key.
func (k Key) WithValue(text string) Key {
	secret := wire.Secret(text)
	k.Value = &secret
	return k
}

// FromKeys returns a list of keys in wire form.
func FromKeys(keys []apikey.Key, names apikey.Names) []PartialKey {
	return wire.List(keys, func(key apikey.Key) PartialKey { return fromListed(key, names) })
}

func fromListed(key apikey.Key, names apikey.Names) PartialKey {
	return PartialKey{
		Kind: "api_key", ID: KeyID(key.ID), CreatedTime: Time(key.CreatedOn), Description: key.Description,
		Type: typeOf(key), Start: key.Start + "...", Enabled: !key.Disabled, BehalfOf: behalf(key, names),
	}
}

// behalf returns the user that a key was made for; nil if there is none, or if that
// user was deleted.
func behalf(key apikey.Key, names apikey.Names) *User {
	email := names.Users[key.OnBehalfOf]
	if key.OnBehalfOf.IsZero() || email == "" {
		return nil
	}
	return &User{Kind: "user", ID: UserID(key.OnBehalfOf), Email: email}
}

func typeOf(key apikey.Key) string {
	switch {
	case key.Type == apikey.TypePersonal:
		return TypeUser
	case key.Type == apikey.TypeShared && key.Listed:
		return TypeQuery
	default:
		return TypeNone
	}
}

// Time returns a time as the document writes it: ISO 8601 in whole seconds, with
// UTC as +00:00.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
