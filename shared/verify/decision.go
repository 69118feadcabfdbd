package verify

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

// Request is what of a request decides whether it may pass.
type Request struct {
	// Authorization is every value that the header of that name has.
	Authorization []string
	// API is the one that was called, with its Region and Stage.
	API routing.API
	// Method is the HTTP method, in capitals.
	Method string
	// Route is the path template that the gateway chose. Where the gateway
	// does not say, it is empty, and Path is matched against the registered
	// templates.
	Route string
	// Path is the path as it was asked for. It is read only without a Route.
	Path string
	// Source is the address that the gateway saw; zero where it is unknown.
	Source netip.Addr
	// Host is the host name under which the gateway was asked, as the gateway
	// itself says it; empty where it is unknown. It counts where a domain is
	// configured.
	Host string
	// Keeping is how the gateway keeps answers, if it does.
	Caching AnswerCaching
	// OnHTTP is whether the API is an HTTP API, which can have a catch-all route.
	OnHTTP bool
	// AnyMethod is whether the gateway's route takes every method, so that an
	// answer kept by route is kept for all of them.
	AnyMethod bool
	// YesOrNo is whether the gateway takes no more than that for an answer. One
	// that it keeps is a yes where all that it is kept for is open.
	YesOrNo bool
}

// Outcome is the answer in one word. The zero Outcome is a refusal.
type Outcome int

// The outcomes.
const (
	// Unauthenticated: there is no valid credential.
	Unauthenticated Outcome = iota
	// Forbidden: the credential is valid but may not do this.
	Forbidden
	// Allowed is what it says.
	Allowed
)

// Code says why a request was refused. Those of a [Forbidden] request may be
// sent to the caller; those of an [Unauthenticated] one are for the log alone,
// since all bad credentials must look alike.
type Code string

// The codes.
const (
	CredentialMissing   Code = "CREDENTIAL_MISSING"
	CredentialMalformed Code = "CREDENTIAL_MALFORMED"
	KeyUnknown          Code = "KEY_UNKNOWN"
	SecretWrong         Code = "SECRET_WRONG"
	KeyDisabled         Code = "KEY_DISABLED"
	KeyNotYetValid      Code = "KEY_NOT_YET_VALID"
	KeyExpired          Code = "KEY_EXPIRED"
	// GrantGone: the key's policy or its user exists no more.
	GrantGone Code = "GRANT_GONE"
	// OrganizationSuspended: an operator has stopped the organization of the key
	// or the user.
	OrganizationSuspended Code = "ORGANIZATION_SUSPENDED"
	// TokenRefused: the issuer's access token is not valid, or not for Keyward.
	TokenRefused Code = "TOKEN_REFUSED"
	// UserUnknown: an access token is valid, but of nobody known here.
	UserUnknown Code = "USER_UNKNOWN"
	// OrganizationHost: the host name is not for the credential's organization.
	OrganizationHost Code = "ORGANIZATION_HOST"

	// SourceNotAllowed: the key is not to be used from this address, or the
	// address is unknown and the key asks for one.
	SourceNotAllowed Code = "SOURCE_NOT_ALLOWED"
	// ServiceNotRegistered: nobody registered the API with Keyward, or not this
	// region or stage of it.
	ServiceNotRegistered Code = "SERVICE_NOT_REGISTERED"
	// OrganizationNotServed: the API is another organization's.
	OrganizationNotServed Code = "ORGANIZATION_NOT_SERVED"
	// ServiceNotAllowed: the key is limited to other services.
	ServiceNotAllowed Code = "SERVICE_NOT_ALLOWED"
	// RouteNotRegistered: the API's service does not list the route.
	RouteNotRegistered Code = "ROUTE_NOT_REGISTERED"
	// PermissionMissing: the key has none of the permissions that the route
	// asks for.
	PermissionMissing Code = "PERMISSION_MISSING"
	// GatewayCached: the gateway keeps answers, and by too little for one about
	// this key to be right as long as it is kept.
	GatewayCached Code = "GATEWAY_CACHE"
)

// Codes are all codes, each once.
func Codes() []Code {
	return []Code{
		CredentialMissing, CredentialMalformed, KeyUnknown, SecretWrong, KeyDisabled, KeyNotYetValid,
		KeyExpired, GrantGone, OrganizationSuspended, TokenRefused, UserUnknown, OrganizationHost,
		SourceNotAllowed, ServiceNotRegistered, OrganizationNotServed, ServiceNotAllowed, RouteNotRegistered, PermissionMissing,
		GatewayCached,
	}
}

// Decision is the answer to a [Request].
type Decision struct {
	Outcome Outcome
	// Code is empty where the request is allowed.
	Code Code
	// Identity is whose credential it is. Of an [Unauthenticated] request it holds no
	// more than the id that the credential claims, for the log.
	Identity Identity
	// Template is the path of the registered route or, of an [Allowed] request
	// that no route lists, the gateway's; empty where none was found. It never
	// holds a part of the request's path.
	Template string
	// Resources are what the caller may use of the whole API. They are nil unless
	// the answer must say that: if the gateway caches it for other routes too, or
	// if the request is allowed although no template is known for it.
	Resources *routing.PolicyResources
	// TTL is how long the gateway may keep the answer, if it asks that.
	TTL time.Duration
}

// Identity is who a valid credential stands for.
type Identity struct {
	Org apikey.OrgID
	// KeyID and KeyType are zero for an access token.
	KeyID   keytext.ID
	KeyType apikey.KeyType
	// UserID is the user that the key acts for, or is known as; zero for a
	// service key.
	UserID keytext.ID
	// ByDefault says that UserID is no more than the organization's representative,
	// as whom a key without a user is known: a label, and nobody who acts.
	ByDefault bool
	// Permissions are, of an [Allowed] request or one with Resources, those of the holder's that the
	// service declares. They are shared with other decisions and must not be
	// changed.
	Permissions apikey.Permissions
}
