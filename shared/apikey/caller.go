package apikey

import (
	"net/netip"

	"github.com/keyward/keyward/shared/keytext"
)

// Caller is who asks, as the authorizer found out, and from where.
type Caller struct {
	Org OrgID
	// Key is the caller's key; zero for a caller with an access token. User is
	// who has the token, or the user whom the gateway knew the key by, which
	// saves a read and decides nothing.
	Key, User keytext.ID
	// Source is the address that the gateway saw; zero where it is unknown.
	Source               netip.Addr
	UserAgent, RequestID string
	// Held are the permissions that the gateway knew the caller to hold: they too
	// save a read and decide nothing. Nil where it did not say.
	Held Permissions
	// Scoped says that the caller came where the scopes of the Supermetrics
	// document count like the permissions of the Polaris document.
	Scoped bool
	// Force says that the caller wants a change even where no key can administer
	// keys after it.
	Force bool
}

// acting is a caller as it is now: not what the gateway knew a moment earlier.
type principal struct {
	Caller
	// view is what was read to know the caller, and is read on.
	view *view
	// key is nil for a caller with an access token.
	key   *Key
	grant Grant
	actor Actor
	// asOwn says that the caller reaches the key that it asks for only because it
	// is a personal key of the caller's own.
	asOwn bool
}

// owner reports whether the caller acts as an OWNER with all that this gives.
func (who principal) isOwner() bool {
	narrowed := who.key != nil && who.key.Narrowed
	return who.grant.User != nil && who.grant.User.Role == RoleOwner && !narrowed
}

// visible, creatable and manageable are the permissions to see the
// organization's keys, to make some, and to manage those of others as well (the
// Polaris document); readable is enough to see those of others.
func (by Caller) viewPermissions() []string {
	return by.orScopes([]string{AdministerAPIKeys, ManageAPIKeys}, ReadAPIKeysScope, WriteAPIKeysScope)
}

func (by Caller) createPermissions() []string {
	return by.orScopes([]string{AdministerAPIKeys, ManageAPIKeys}, WriteAPIKeysScope)
}

func (by Caller) managePermissions() []string {
	return by.orScopes([]string{AdministerAPIKeys}, WriteAPIKeysScope)
}

func (by Caller) viewAllPermissions() []string {
	return by.orScopes(by.managePermissions(), ReadAPIKeysScope)
}

// orScopes adds scopes to permissions, where scopes count.
func (by Caller) orScopes(permissions []string, scopes ...string) []string {
	if !by.Scoped {
		return permissions
	}
	return append(permissions, scopes...)
}
