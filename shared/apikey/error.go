package apikey

import "errors"

// Kind sorts errors by what the caller can do about them. Every adapter maps a
// kind to its own form by one table.
type Kind int

// The kinds. The zero Kind is [Internal], so that an error nobody sorted is
// never taken for the caller's fault.
const (
	// Internal is a fault of Keyward's own.
	Internal Kind = iota
	// Invalid is input that breaks a rule; Fields says which.
	Invalid
	// Unauthenticated is a caller whose key is not, or is no longer, valid.
	Unauthenticated
	// Forbidden is a caller without the permission for the operation or key.
	Forbidden
	// NotHeld is a grant of something that the caller does not hold itself.
	NotHeld
	// NotFound is a key that does not exist in the caller's organization.
	NotFound
	// NameTaken is a name that another key of the organization has.
	NameTaken
	// QuotaReached is an organization that has all the keys it may have.
	QuotaReached
	// Stale is a change of something that changed since it was read.
	Stale
	// PreconditionFailed is a version, named by the caller, that is not the
	// current one.
	PreconditionFailed
	// Unavailable is a dependency that failed, or a record that cannot be
	// trusted. Trying again may help. Never an answer about a credential.
	Unavailable
)

// Error is the only error type that the rules and the ports return.
type Error struct {
	Kind Kind
	// Detail is a sentence for the caller. It never holds a secret or a cause.
	Detail string
	// Fields are the faults of an [Invalid] or [NotHeld] input, one each.
	Fields []FieldError
	// Cause is for the log only.
	Cause error
}

// FieldError is one fault of one input field.
type FieldError struct {
	// Field is the field's name as the rules know it, such as "name".
	Field string
	Code  FieldCode
	// Detail is a sentence for the caller.
	Detail string
}

// FieldCode is what is wrong with a field, for programs.
type FieldCode string

// The field codes of the rules; adapters add those of their syntax.
const (
	FieldRequired   FieldCode = "REQUIRED"
	FieldTooLong    FieldCode = "TOO_LONG"
	FieldCharacters FieldCode = "INVALID_CHARACTERS"
	FieldValue      FieldCode = "INVALID_VALUE"
	FieldPermission FieldCode = "UNKNOWN_PERMISSION"
	FieldNotHeld    FieldCode = "PERMISSION_NOT_HELD"
)

// Error is for logs: the detail and the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Detail
	}
	return e.Detail + ": " + e.Cause.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of err; [Internal] where it is none of this package's.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Failed makes an [Unavailable] error. The doing says what was being tried, for
// the log.
func Failed(doing string, cause error) *Error {
	return &Error{Kind: Unavailable, Detail: doing, Cause: cause}
}

// NoSuchKey is the one error for a key that does not exist and for a key of
// another organization: they must not be told apart.
func NoSuchKey() *Error {
	return &Error{Kind: NotFound, Detail: "There is no such API key."}
}

// NotAuthenticated is the one error for a caller without a valid key.
func NotAuthenticated() *Error {
	return &Error{Kind: Unauthenticated, Detail: "A valid API key is required."}
}

func invalid(fields ...FieldError) *Error {
	return &Error{Kind: Invalid, Detail: "The request is not valid.", Fields: fields}
}

func forbidden() *Error {
	return &Error{Kind: Forbidden, Detail: "The API key is valid but may not do this."}
}
