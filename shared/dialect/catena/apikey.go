// Package catena is the wire format of the Catena document. It defines the
// requests and answers under /api/v1/api_keys and converts them to and from the
// rules' types.
//
// In this format a key has a name and one policy, and nothing else. What another
// format set on a key, such as allowed addresses, stays when this one changes
// the key.
package catena

import (
	"log/slog"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Key is an API key.
type Key struct {
	ID          string `json:"id" format:"uuid"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Text is the whole key, secret included. Only the answer that creates the key
	// has it.
	Text     wire.Secret `json:"api_key,omitzero" doc:"The whole key. Only the answer that creates a key has it."`
	Redacted string      `json:"redacted_api_key" doc:"The key's first 9 characters, '...', and its last 6."`
	// PolicyID is nil for a key that received its permissions through another
	// format.
	PolicyID   *string `json:"policy_id" doc:"The id of the key's policy. null for a key that was created in another format without a policy."`
	PolicyName *string `json:"policy_name"`
	PolicyNote string  `json:"policy_note,omitzero" doc:"Why the key has no policy, and what it has instead. Absent if it has one."`
	CreatedBy  string  `json:"created_by" doc:"A user's e-mail address, or 'api-key-' and a key's redacted form in lower case."`
	CreatedAt  string  `json:"created_at" format:"date-time"`
	UpdatedAt  string  `json:"updated_at,omitzero" format:"date-time" doc:"Absent until the first change."`
}

// LogValue returns only the key's id, for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID) }

// KeyList holds every key of the organization.
type KeyList struct {
	Keys []Key `json:"api_keys"`
}

// Policy is a named set of permissions.
type Policy struct {
	ID          string   `json:"id" format:"uuid"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" doc:"The names of the policy's permissions, in no particular order."`
	KeyCount    int      `json:"api_key_count" doc:"How many keys have the policy."`
	CreatedBy   string   `json:"created_by"`
	CreatedAt   string   `json:"created_at" format:"date-time"`
	UpdatedAt   string   `json:"updated_at,omitzero" format:"date-time" doc:"Absent until the first change."`
}

// PolicyList holds every policy of the organization.
type PolicyList struct {
	Policies []Policy `json:"policies"`
}

// Permission is something that a policy can grant.
type Permission struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Service     string `json:"service" doc:"The id of the service that declares it. Empty for Keyward's own permissions."`
}

// PermissionList holds every permission that a service declares, by name.
type PermissionList struct {
	Permissions []Permission `json:"permissions"`
}

// FromKey returns a key in wire form.
func FromKey(key apikey.Key, names apikey.Names) Key {
	form := Key{
		ID: key.ID.String(), Name: key.Name, Description: key.Description, Redacted: key.Redacted,
		CreatedBy: key.CreatedBy.Username, CreatedAt: when(key.CreatedOn), UpdatedAt: when(key.LastModifiedOn),
	}
	if !key.Policy.IsZero() {
		id, name := key.Policy.String(), names.Policies[key.Policy]
		form.PolicyID, form.PolicyName = &id, &name
		return form
	}
	form.PolicyNote = without[key.Type]
	return form
}

// without describes what a key without a policy has, by its type.
var without = map[apikey.KeyType]string{
	apikey.TypeService:  "The key was created in another format, with permissions of its own. GET /v1/apikeys/{id} shows them.",
	apikey.TypeShared:   "The key was created in another format, with permissions of its own. GET /v1/apikeys/{id} shows them.",
	apikey.TypePersonal: "The key was created in another format. It acts as a user, with the permissions that the user has when the key is used. GET /v1/apikeys/{id} shows the user.",
}

// FromMinted returns a new key in wire form, secret included, for the one answer
// that hands it to its owner.
func FromMinted(minted apikey.Minted) Key {
	key := FromKey(minted.Key, minted.Names)
	key.Text = wire.Secret(minted.Text.Reveal())
	return key
}

// FromKeys returns a list of keys in wire form.
func FromKeys(keys []apikey.Key, names apikey.Names) KeyList {
	return KeyList{wire.List(keys, func(key apikey.Key) Key { return FromKey(key, names) })}
}

// FromPolicy returns a policy in wire form.
func FromPolicy(p apikey.Policy) Policy {
	return Policy{
		ID: p.ID.String(), Name: p.Name, Description: p.Description, Permissions: append([]string{}, p.Permissions...),
		KeyCount: p.KeyCount, CreatedBy: p.CreatedBy.Username,
		CreatedAt: when(p.CreatedOn), UpdatedAt: when(p.LastModifiedOn),
	}
}

// FromPolicies returns a list of policies in wire form.
func FromPolicies(policies []apikey.Policy) PolicyList {
	return PolicyList{wire.List(policies, FromPolicy)}
}

// FromCatalogue returns a catalogue in wire form.
func FromCatalogue(catalogue []apikey.Permission) PermissionList {
	return PermissionList{wire.List(catalogue, func(p apikey.Permission) Permission { return Permission(p) })}
}

// when returns a time in RFC 3339, in UTC and whole seconds. The zero time gives
// "".
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
