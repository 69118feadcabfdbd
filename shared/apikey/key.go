package apikey

import (
	"log/slog"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// MaxNameBytes is how long a key's name and description may be together, in
// bytes of UTF-8 (the Polaris document).
const MaxNameBytes = 191

// Key is an API key's record. It holds a digest of the secret, from which the
// secret cannot be computed, and never the secret.
type Key struct {
	ID          keytext.ID
	Org         OrgID
	Name        string
	Description string
	Permissions Permissions
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

// Digest is the keyed hash of a key's text, and the version of the pepper that
// keyed it. It prints as its version alone.
type Digest struct {
	Pepper int
	Sum    [32]byte
}

// LogValue gives slog the pepper's version and not the sum.
func (d Digest) LogValue() slog.Value { return slog.IntValue(d.Pepper) }

// Actor is who did something: a key, or a user.
type Actor struct {
	// Username is a user's e-mail, or for a key "api-key-" and its redacted
	// form in lower case (the Polaris document).
	Username string
	// UserID is the user's id, or the key's.
	UserID string
}

// Actor is the key as one that does something.
func (k Key) Actor() Actor {
	return Actor{Username: "api-key-" + strings.ToLower(k.Redacted), UserID: k.ID.String()}
}

// createdBy reports whether creator made the key.
func (k Key) createdBy(creator keytext.ID) bool { return k.CreatedBy.UserID == creator.String() }
