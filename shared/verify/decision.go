package verify

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// Request is the part of a request that decides whether it may pass.
type Request struct {
	// Authorization holds every value of that header.
	Authorization []string
	// API is the API that was called, with its Region and Stage.
	API routing.API
	// Method is the HTTP method, in upper case.
	Method string
	// Route is the path template that the gateway chose. If it is empty,
	// because the gateway does not say, Path is matched against the registered
	// templates.
	Route string
	// Path is the requested path. It is used only without a Route.
	Path string
	// Instead takes the place of a route of the service, unless it is nil.
	Instead *routing.Route
	// Source is the address that the gateway saw; zero if unknown.
	Source netip.Addr
	// Host is the host name of the request, as the gateway itself reports it;
	// empty if unknown. It is used only if a domain is configured.
	Host string
	// Caching is how the gateway caches answers, if the service uses a cache.
	Caching AnswerCaching
	// OnHTTP says that the API is an HTTP API, which can have a catch-all
	// route.
	OnHTTP bool
	// AnyMethod says that the gateway's route accepts every method. An answer
	// that is cached by route then counts for all of them.
	AnyMethod bool
	// YesOrNo says that the gateway accepts only yes or no as an answer. If it
	// caches the answer, a yes requires that everything the answer will be used
	// for is allowed.
	YesOrNo bool
}

// Outcome is the result of a decision. The zero Outcome is a refusal. If there
// is no decision, [Verifier.Decide] returns an error instead, which becomes a
// 503.
type Outcome int

// The outcomes.
const (
	// Unauthenticated (401) means that there is no valid credential.
	Unauthenticated Outcome = iota
	// Forbidden (403) means that the credential is valid but may not do this.
	Forbidden
	// Allowed means that the request may pass.
	Allowed
)

// Code says why a request was refused. Codes of a [Forbidden] request may be
// sent to the caller. Those of an [Unauthenticated] request are only for the
// log, because all bad credentials must look alike.
type Code string

// The codes.
const (
	CredentialMissing   Code = "CREDENTIAL_MISSING"
	CredentialMalformed Code = "CREDENTIAL_MALFORMED"
	KeyUnknown          Code = "KEY_UNKNOWN"
	SecretWrong         Code = "SECRET_WRONG"
	// SecretRetired: the key had this secret before it was rotated, and the
	// secret has ended.
	SecretRetired Code = "SECRET_RETIRED"
	// PepperRetired: the digest of a secret of the key is under a pepper that an
	// operator has retired, and no other secret is right.
	PepperRetired Code = "PEPPER_RETIRED"
	KeyDisabled   Code = "KEY_DISABLED"
	// KeyDeleted: the key was deleted, and can still be restored.
	KeyDeleted     Code = "KEY_DELETED"
	KeyNotYetValid Code = "KEY_NOT_YET_VALID"
	KeyExpired     Code = "KEY_EXPIRED"
	// GrantGone: the key's own policy, or a personal key's user, no longer exists.
	GrantGone Code = "GRANT_GONE"
	// OrganizationSuspended: an operator has stopped the organization of the key
	// or the user.
	OrganizationSuspended Code = "ORGANIZATION_SUSPENDED"
	// TokenRefused: the access token is not valid, or not for Keyward.
	TokenRefused Code = "TOKEN_REFUSED"
	// UserUnknown: the access token is valid, but its user is not known here.
	UserUnknown Code = "USER_UNKNOWN"
	// OrganizationHost: the host name is not for the credential's organization.
	OrganizationHost Code = "ORGANIZATION_HOST"

	// SourceNotAllowed: the key cannot be used from this address, or has
	// address rules and the address is unknown.
	SourceNotAllowed Code = "SOURCE_NOT_ALLOWED"
	// ServiceNotRegistered: the API, or this region or stage of it, is not
	// registered with Keyward.
	ServiceNotRegistered Code = "SERVICE_NOT_REGISTERED"
	// OrganizationNotServed: the API belongs to another organization.
	OrganizationNotServed Code = "ORGANIZATION_NOT_SERVED"
	// ServiceNotAllowed: the key is limited to other services.
	ServiceNotAllowed Code = "SERVICE_NOT_ALLOWED"
	// RouteNotRegistered: the API's service does not list the route.
	RouteNotRegistered Code = "ROUTE_NOT_REGISTERED"
	// PermissionMissing: the key holds none of the permissions that the route
	// needs.
	PermissionMissing Code = "PERMISSION_MISSING"
	// GatewayCached: the gateway caches answers, and an answer about this
	// credential could be wrong for a later request with the same cache key.
	GatewayCached Code = "GATEWAY_CACHE"
)

// Codes returns every code once.
func Codes() []Code {
	return []Code{
		CredentialMissing, CredentialMalformed, KeyUnknown, SecretWrong, SecretRetired, PepperRetired, KeyDisabled, KeyDeleted, KeyNotYetValid,
		KeyExpired, GrantGone, OrganizationSuspended, TokenRefused, UserUnknown, OrganizationHost,
		SourceNotAllowed, ServiceNotRegistered, OrganizationNotServed, ServiceNotAllowed, RouteNotRegistered, PermissionMissing,
		GatewayCached,
	}
}

// Decision is the answer to a [Request].
type Decision struct {
	Outcome Outcome
	// Code is empty if the request is allowed.
	Code Code
	// Identity is the credential's owner. For an [Unauthenticated] request it
	// holds only the id that the credential claims, for the log.
	Identity Identity
	// Template is the path of the registered route. For an [Allowed] request
	// that no route lists, it is the gateway's route; empty if there is none.
	// It never contains part of the request's path.
	Template string
	// Resources are the parts of the whole API that the caller may use. They
	// are nil unless the answer needs them: if the gateway caches it for other
	// routes too, or if the request is allowed although no template is known
	// for it.
	Resources *routing.PolicyResources
	// Use says whose usage the request counts for.
	Use Use
	// TTL is how long the gateway may cache the answer, if it asks for that.
	TTL time.Duration
}

// Use is the key whose usage a request counts for, allowed or not. It is zero
// unless the request has a secret of the key, the current one or an older one, so
// nobody can make requests count for a key by its id alone.
type Use struct {
	Key uuid.UUID
	Org apikey.OrgID
	// Generation numbers the secret. With [SecretRetired], it has ended.
	Generation int
	// Permission is the one that opened the route of an [Allowed] request; empty if
	// the route needs none.
	Permission string
	// Outdated is set if the secret is usable and its digest is under an older
	// pepper than the active one.
	Outdated *Outdated
}

// Outdated is a secret whose stored digest uses an older pepper than the active one,
// with that digest, so that the caller can compute a new one.
type Outdated struct {
	Text keytext.Key
	// Digest is the stored one.
	Digest apikey.Digest
}

// Identity is who a valid credential stands for.
type Identity struct {
	Org apikey.OrgID
	// KeyID and KeyType are zero for an access token.
	KeyID   uuid.UUID
	KeyType apikey.KeyType
	// UserID is the user that the key acts for or identifies as; zero for a
	// service key.
	UserID uuid.UUID
	// ByDefault says that UserID is only the organization's representative,
	// because the shared key has no user. That user is a label: it did not make
	// the request.
	ByDefault bool
	// Permissions are the holder's permissions that the service declares, for
	// an [Allowed] request or one with Resources. They are shared with other
	// decisions and must not be changed.
	Permissions permission.Set
}
