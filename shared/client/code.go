package client

// code is a problem's code, as an error.
type code string

// Error returns the code.
func (c code) Error() string { return "keyward: " + string(c) }

// The errors of all codes that Keyward's API answers with.
const (
	ErrInvalidRequest           = code("INVALID_REQUEST")
	ErrUnauthenticated          = code("UNAUTHENTICATED")
	ErrForbidden                = code("FORBIDDEN")
	ErrPermissionNotHeld        = code("PERMISSION_NOT_HELD")
	ErrQuotaReached             = code("API_KEY_LIMIT_EXCEEDED")
	ErrPersonalQuotaReached     = code("PERSONAL_KEY_LIMIT_EXCEEDED")
	ErrNoRoute                  = code("NOT_FOUND")
	ErrKeyNotFound              = code("API_KEY_NOT_FOUND")
	ErrPolicyNotFound           = code("POLICY_NOT_FOUND")
	ErrUserNotFound             = code("USER_NOT_FOUND")
	ErrServiceNotFound          = code("SERVICE_NOT_FOUND")
	ErrPermissionNotFound       = code("PERMISSION_NOT_FOUND")
	ErrOrganizationNotFound     = code("ORGANIZATION_NOT_FOUND")
	ErrPreviousSecretNotFound   = code("PREVIOUS_SECRET_NOT_FOUND")
	ErrKeyNameTaken             = code("API_KEY_NAME_TAKEN")
	ErrPolicyNameTaken          = code("POLICY_NAME_TAKEN")
	ErrEmailTaken               = code("USER_EMAIL_TAKEN")
	ErrServiceAPITaken          = code("SERVICE_API_TAKEN")
	ErrInUse                    = code("IN_USE")
	ErrPolicyInUse              = code("POLICY_IN_USE")
	ErrPermissionInUse          = code("PERMISSION_IN_USE")
	ErrPermissionBeingWithdrawn = code("PERMISSION_BEING_WITHDRAWN")
	ErrLastAdminKey             = code("LAST_ADMIN_KEY")
	ErrLastOwner                = code("LAST_OWNER")
	ErrNotRecoverable           = code("API_KEY_NOT_RECOVERABLE")
	ErrNotRestorable            = code("API_KEY_NOT_RESTORABLE")
	ErrNotRotatable             = code("API_KEY_NOT_ROTATABLE")
	ErrPreviousSecretLive       = code("PREVIOUS_SECRET_LIVE")
	ErrPreconditionFailed       = code("PRECONDITION_FAILED")
	ErrTooLarge                 = code("REQUEST_TOO_LARGE")
	ErrUnsupportedMediaType     = code("UNSUPPORTED_MEDIA_TYPE")
	ErrIdempotencyKeyReused     = code("IDEMPOTENCY_KEY_REUSED")
	ErrInternal                 = code("INTERNAL")
	ErrPermanentFailure         = code("PERMANENT_FAILURE")
	ErrUnavailable              = code("UNAVAILABLE")
	// ErrThrottled and ErrRequestRefused are the gateway's, before a function is called.
	ErrThrottled      = code("THROTTLED")
	ErrRequestRefused = code("REQUEST_REFUSED")
	// ErrPermissionMissing and those below say why the authorizer refuses a valid key.
	ErrPermissionMissing     = code("PERMISSION_MISSING")
	ErrSourceNotAllowed      = code("SOURCE_NOT_ALLOWED")
	ErrServiceNotAllowed     = code("SERVICE_NOT_ALLOWED")
	ErrServiceNotRegistered  = code("SERVICE_NOT_REGISTERED")
	ErrRouteNotRegistered    = code("ROUTE_NOT_REGISTERED")
	ErrOrganizationNotServed = code("ORGANIZATION_NOT_SERVED")
	ErrGatewayCache          = code("GATEWAY_CACHE")
)
