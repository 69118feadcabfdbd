// Package canonical is Keyward's own wire format, in camelCase, modeled on the
// Polaris document. It defines the requests and answers under /v1 and converts
// them to and from the rules' types.
//
// Two programs read the types. The adapter fills request types by their "json"
// names and "wire" tags (required, nullable, ignored). The generator of the
// OpenAPI document describes all types by the same tags, and by "doc" and
// "format". So the document cannot promise what the adapter does not do.
package canonical

import (
	"log/slog"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// APIKey is a key as every answer shows it. It omits members with their default
// value, so that a plain key is the Polaris document's.
type APIKey struct {
	ID          string `json:"id" format:"uuid" doc:"The key's id. It is no secret."`
	Name        string `json:"name" doc:"The key's name. Empty for a key that was created through the Supermetrics routes."`
	Description string `json:"description"`
	Type        string `json:"type,omitzero" enum:"personal,shared" doc:"personal: the key acts as its user. shared: it acts as itself and names a user as a label. Absent for a service key, which acts as itself."`
	// Text is the whole key, secret included. Only the answer that creates or
	// rotates the key has it, and its repetitions for a while.
	Text     wire.Secret `json:"apiKey,omitzero" doc:"The whole key. Only the answer that creates or rotates a key has it, and for ten minutes the answers to repetitions with the same Idempotency-Key, unless the key has another secret by then."`
	Redacted string      `json:"redactedApiKey" doc:"The key's first 9 characters, '...', and its last 6."`
	// Secrets is nil for a key that was never rotated.
	Secrets []Secret `json:"secrets,omitzero" doc:"The key's secrets, the current one first, then those before it. Absent for a key that was never rotated."`
	// Permissions is nil for a key without permissions of its own.
	Permissions     []string `json:"permissions,omitzero" doc:"The key's own permissions, in no particular order. Absent if the key has a policy, or is a personal key with all permissions of its user."`
	PolicyID        string   `json:"policyId,omitzero" format:"uuid" doc:"The id of the policy whose permissions the key has."`
	PolicyName      string   `json:"policyName,omitzero"`
	OnBehalfOf      string   `json:"onBehalfOf,omitzero" format:"uuid" doc:"The id of the user that a personal key acts as, or that a shared key names."`
	OnBehalfOfEmail string   `json:"onBehalfOfEmail,omitzero"`
	Services        []string `json:"services,omitzero" doc:"The ids of the services that the key can be used on. Absent if all."`
	Enabled         *bool    `json:"enabled,omitzero" doc:"false if the key is disabled. Otherwise absent."`
	NotBefore       string   `json:"notBefore,omitzero" format:"date-time" doc:"The key is refused before this time."`
	ExpiresOn       string   `json:"expiresOn,omitzero" format:"date-time" doc:"The key is refused from this time on."`
	AllowIPs        []string `json:"allowIps,omitzero" doc:"The IP addresses and CIDR ranges that the key can be used from. Absent if any."`
	Recoverable     bool     `json:"recoverable,omitzero" doc:"Whether an encrypted copy of the whole key is kept. Absent if false."`
	History
	DeletedOn    string `json:"deletedOn,omitzero" format:"date-time" doc:"When the key was deleted. Absent unless it was."`
	PurgeOn      string `json:"purgeOn,omitzero" format:"date-time" doc:"Until when a deleted key can be restored."`
	LastUsedOn   string `json:"lastUsedOn,omitzero" format:"date-time" doc:"When the key was last used, right within five minutes. Absent if never, and in answers that change a key."`
	LastUsedFrom string `json:"lastUsedFrom,omitzero" doc:"The IP address of that use. Absent if the gateway did not say."`
	// Exposure is nil unless the key was reported as leaked.
	Exposure *Exposure `json:"exposure,omitzero" doc:"A report that the key has leaked. Absent unless there was one since the last rotation that the key did not make itself."`
}

// Exposure is a report that a key has leaked.
type Exposure struct {
	ReportedOn string `json:"reportedOn" format:"date-time" doc:"When the key was reported as leaked."`
	Source     string `json:"source,omitzero" doc:"Where it was found, such as github."`
	URL        string `json:"url,omitzero" doc:"The place where it was found."`
}

// LogValue returns only the key's id, for slog.
func (k APIKey) LogValue() slog.Value { return slog.StringValue(k.ID) }

// History is who created and changed a resource, and when.
type History struct {
	CreatedBy      Creator  `json:"createdBy"`
	LastModifiedBy Modifier `json:"lastModifiedBy" doc:"Empty until the first change."`
	CreatedOn      string   `json:"createdOn" format:"date-time"`
	LastModifiedOn string   `json:"lastModifiedOn,omitzero" format:"date-time" doc:"Absent until the first change."`
}

// Creator is who created a resource.
type Creator struct {
	Username string `json:"username" doc:"A user's e-mail address, or 'api-key-' and a key's redacted form in lower case."`
	UserID   string `json:"userId" doc:"The id of the user or key. Empty if bootstrap did it."`
}

// Modifier is who last changed a resource. The zero Modifier means nobody and is
// encoded as {}.
type Modifier struct {
	Username string `json:"username,omitzero"`
	UserID   string `json:"userId,omitzero"`
}

// APIKeyList is one page of keys.
type APIKeyList struct {
	Items []APIKey `json:"items"`
	Paging
}

// RevealedKey is a recoverable key with its secret.
type RevealedKey struct {
	ID   string      `json:"id" format:"uuid"`
	Text wire.Secret `json:"apiKey" doc:"The whole key."`
}

// FromKey returns a key in wire form.
func FromKey(key apikey.Key, names apikey.Names) APIKey {
	form := APIKey{
		ID: key.ID.String(), Name: key.Name, Description: key.Description,
		Redacted: key.Redacted, Recoverable: key.Recoverable, Secrets: secretsOf(key, names.LastUses[key.ID]),
		PolicyID: key.Policy.String(), PolicyName: names.Policies[key.Policy],
		OnBehalfOf: key.OnBehalfOf.String(), OnBehalfOfEmail: names.Users[key.OnBehalfOf],
		Services: key.Services, AllowIPs: Addresses(key.AllowIPs),
		NotBefore: Time(key.NotBefore), ExpiresOn: Time(key.ExpiresOn),
		History:   History{Creator(key.CreatedBy), Modifier(key.LastModifiedBy), Time(key.CreatedOn), Time(key.LastModifiedOn)},
		DeletedOn: Time(key.DeletedOn), PurgeOn: Time(key.PurgeOn),
	}
	if key.Exposure != nil {
		form.Exposure = &Exposure{Time(key.Exposure.ReportedOn), key.Exposure.Source, key.Exposure.URL}
	}
	if key.Type != apikey.TypeService {
		form.Type = string(key.Type)
	}
	if key.Narrowed || key.Type != apikey.TypePersonal && key.Policy.IsZero() {
		form.Permissions = append([]string{}, key.Permissions...)
	}
	if len(key.Services) == 0 {
		form.Services = nil
	}
	if key.Disabled {
		form.Enabled = new(bool)
	}
	if use, used := names.LastUses[key.ID]; used && !use.UsedOn.IsZero() {
		form.LastUsedOn, form.LastUsedFrom = Time(use.UsedOn), Address(use.UsedFrom)
	}
	return form
}

// FromMinted returns a new key in wire form, secret included, for the one answer
// that hands it to its owner.
func FromMinted(minted apikey.Minted) APIKey {
	form := FromKey(minted.Key, minted.Names)
	if !minted.Text.ID().IsZero() {
		form.Text = wire.Secret(minted.Text.Reveal())
	}
	return form
}

// FromPage returns a page of the keys that a query found, in wire form.
func FromPage(page apikey.Page, query apikey.KeyQuery) APIKeyList {
	cursor := func(p apikey.Position) string { return KeyCursor(KeyPlace{p, DigestOf(query)}) }
	key := func(key apikey.Key) APIKey { return FromKey(key, page.Names) }
	return APIKeyList{wire.List(page.Keys, key), paging(page.Next, cursor, page.Damaged)}
}
