package apikey

import (
	"net/netip"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Caller identifies who makes a request, as the authorizer found out.
type Caller struct {
	Org OrgID
	// Key is the caller's key; zero for a caller with an access token. User is
	// the user of that token, or the user whom the authorizer saw behind the
	// key. In that second case it saves a read and decides nothing.
	Key, User uuid.UUID
	// Generation numbers the secret of Key that was used; 0 means the first.
	Generation int
	// Source is the address that the gateway saw; zero if unknown.
	Source               netip.Addr
	UserAgent, RequestID string
	// Held are the permissions that the authorizer saw; nil if it did not say.
	// They save a read and decide nothing.
	Held permission.Set
	// Scoped says that the scopes of the Supermetrics document count like the
	// permissions of the Polaris document.
	Scoped bool
	// Force allows a change after which no key can administer keys.
	Force bool
	// Idempotency lets the caller repeat the request.
	Idempotency Idempotency
}

// principal is an authenticated caller with what it holds now, rather than what
// the authorizer saw a moment earlier.
type principal struct {
	Caller
	// view holds the records that were read to authenticate the caller. Rules
	// read on in it.
	view *view
	// key is nil for a caller with an access token.
	key   *Key
	grant Grant
	actor Actor
	// asOwn says that the caller may use the requested key only because it is
	// the caller's own personal key.
	asOwn bool
}

// isOwner reports whether the caller acts as an OWNER with all of an OWNER's
// powers.
func (who principal) isOwner() bool {
	narrowed := who.key != nil && who.key.Narrowed
	return who.grant.User != nil && who.grant.User.Role == RoleOwner && !narrowed
}

// viewPermissions lists the permissions that let a caller see the
// organization's keys. Any one of them is enough, as with the lists below (the
// Polaris document).
func (by Caller) viewPermissions() []string {
	return by.orScopes([]string{permission.AdministerAPIKeys, permission.ManageAPIKeys}, permission.ReadAPIKeysScope, permission.WriteAPIKeysScope)
}

// createPermissions lists the permissions that let a caller create keys.
func (by Caller) createPermissions() []string {
	return by.orScopes([]string{permission.AdministerAPIKeys, permission.ManageAPIKeys}, permission.WriteAPIKeysScope)
}

// managePermissions lists the permissions that let a caller manage everybody's
// keys.
func (by Caller) managePermissions() []string {
	return by.orScopes([]string{permission.AdministerAPIKeys}, permission.WriteAPIKeysScope)
}

// viewAllPermissions lists the permissions that let a caller see keys that
// others created.
func (by Caller) viewAllPermissions() []string {
	return by.orScopes(by.managePermissions(), permission.ReadAPIKeysScope)
}

// orScopes adds scopes to permissions if scopes count for this caller.
func (by Caller) orScopes(permissions []string, scopes ...string) []string {
	if !by.Scoped {
		return permissions
	}
	return append(permissions, scopes...)
}
