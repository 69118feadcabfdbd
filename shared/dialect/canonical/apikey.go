// Package canonical is Keyward's own wire format, in camelCase, after the
// Polaris document: what requests and answers under /v1 look like, and how they
// turn into the rules' terms and back.
//
// The types are read by two programs. The adapter fills request types by their
// "json" names and "wire" tags (required, nullable, ignored); the generator of
// the OpenAPI document describes all of them by the same tags, and by "doc" and
// "format". So the document cannot promise what the adapter does not do.
package canonical

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// APIKey is a key as every answer shows it.
type APIKey struct {
	ID          string `json:"id" format:"uuid" doc:"The key's id, which opens nothing."`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Text is the whole key, secret included: set in the one answer that
	// creates it, and absent from every other.
	Text           Revealed `json:"apiKey,omitzero" doc:"The whole key. Only the answer that creates a key has it."`
	Redacted       string   `json:"redactedApiKey" doc:"The key's first 9 characters, '...', and its last 6."`
	Permissions    []string `json:"permissions" doc:"A set, in no particular order."`
	CreatedBy      Creator  `json:"createdBy"`
	LastModifiedBy Modifier `json:"lastModifiedBy" doc:"Empty until the first change."`
	CreatedOn      string   `json:"createdOn" format:"date-time"`
	LastModifiedOn string   `json:"lastModifiedOn,omitzero" format:"date-time" doc:"Absent until the first change."`
}

// Revealed is the text of a whole key on its way to its owner: JSON shows it,
// printing does not.
type Revealed string

// Format prints nothing of the text, for every verb.
func (Revealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// LogValue gives slog the key's id alone.
func (k APIKey) LogValue() slog.Value { return slog.StringValue(k.ID) }

// Creator is who made a key.
type Creator struct {
	Username string `json:"username" doc:"A user's e-mail, or 'api-key-' and a key's redacted form in lower case."`
	UserID   string `json:"userId" doc:"The user's id, or the key's. Empty for a key made by bootstrap."`
}

// Modifier is who last changed a key; the zero Modifier is nobody, and is
// written as {}.
type Modifier struct {
	Username string `json:"username,omitzero"`
	UserID   string `json:"userId,omitzero"`
}

// APIKeyList is one page of keys.
type APIKeyList struct {
	Items      []APIKey `json:"items"`
	NextCursor string   `json:"nextCursor,omitzero" doc:"The cursor of the next page; absent on the last."`
}

// WhoAmI is the caller's own key, and its organization.
type WhoAmI struct {
	APIKey
	OrgID string `json:"orgId" doc:"The id of the key's organization."`
}

// Permission is an entry of an organization's catalogue.
type Permission struct {
	Name        string `json:"name" wire:"required"`
	Description string `json:"description"`
}

// PermissionList is a whole catalogue, by name.
type PermissionList struct {
	Items []Permission `json:"items"`
}

// FromKey is the form of a key.
func FromKey(key apikey.Key) APIKey {
	return APIKey{
		ID: key.ID.String(), Name: key.Name, Description: key.Description,
		Redacted: key.Redacted, Permissions: append([]string{}, key.Permissions...),
		CreatedBy: Creator(key.CreatedBy), LastModifiedBy: Modifier(key.LastModifiedBy),
		CreatedOn: Time(key.CreatedOn), LastModifiedOn: Time(key.LastModifiedOn),
	}
}

// FromMinted is the form of a new key, secret included: for the one answer that
// hands it to its owner.
func FromMinted(minted apikey.Minted) APIKey {
	wire := FromKey(minted.Key)
	wire.Text = Revealed(minted.Text.Reveal())
	return wire
}

// FromPage is the form of a page of keys.
func FromPage(page apikey.Page) APIKeyList {
	list := APIKeyList{Items: make([]APIKey, 0, len(page.Keys))}
	for _, key := range page.Keys {
		list.Items = append(list.Items, FromKey(key))
	}
	if page.Next != nil {
		list.NextCursor = Cursor(*page.Next)
	}
	return list
}

// FromCatalogue is the form of a catalogue.
func FromCatalogue(catalogue []apikey.Permission) PermissionList {
	list := PermissionList{Items: make([]Permission, 0, len(catalogue))}
	for _, p := range catalogue {
		list.Items = append(list.Items, Permission(p))
	}
	return list
}

// Time is a time as the Polaris document writes it: RFC 3339 in UTC, with
// milliseconds, less their trailing zeros. The zero time is "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.999Z")
}
