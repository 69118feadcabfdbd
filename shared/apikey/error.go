package apikey

import (
	"errors"
	"time"
)

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
	// NotFound is something that does not exist in the caller's organization.
	NotFound
	// NameTaken is a name that another thing of the same sort has.
	NameTaken
	// InUse is something that cannot go, or not without confirmation, because
	// of what depends on it; Use says what.
	InUse
	// LastAdministrator is a change after which no key could administer keys. The
	// caller can force it.
	LastAdministrator
	// Withdrawing is a declaration of permissions that are still being taken away
	// from what held them. Trying again after RetryAfter helps.
	Withdrawing
	// QuotaReached is an organization that has all the keys it may have.
	QuotaReached
	// NotRecoverable is a key of which no copy is kept.
	NotRecoverable
	// Stale is a change of something that changed since it was read.
	Stale
	// PreconditionFailed is a version, asked for by the caller, that is not the
	// current one.
	PreconditionFailed
	// Unavailable is a dependency that failed, or a record that cannot be
	// trusted. Trying again may help. Never an answer about a credential.
	Unavailable
	// Permanent is a fault of Keyward's own that stays however often the same is
	// tried: what a store cannot take, or could not read back.
	Permanent
)

// Error is the only error type that the rules and the ports return.
type Error struct {
	Kind Kind
	// Subject is what the error is about; the zero Subject is a key.
	Subject Subject
	// Use says what depends on the subject of an [InUse] error.
	Use *Use
	// Current is the version that a [PreconditionFailed] change found; 0 of what
	// does not exist.
	Current int64
	// RetryAfter is how long to wait before trying again, where that helps.
	RetryAfter time.Duration
	// Detail is a sentence for the caller. It never holds a secret or a cause.
	Detail string
	// Fields are the faults of an [Invalid] or [NotHeld] input, one each.
	Fields []FieldError
	// Cause is for the log only.
	Cause error
}

// Subject is a sort of thing.
type Subject string

// The subjects. What is none of them is about a key.
const (
	SubjectKey          Subject = ""
	SubjectPolicy       Subject = "policy"
	SubjectUser         Subject = "user"
	SubjectService      Subject = "service"
	SubjectPermission   Subject = "permission"
	SubjectOrganization Subject = "organization"
	SubjectStatus       Subject = "organization's status"
	SubjectAuditRecord  Subject = "audit record"
	SubjectTask         Subject = "task"
)

// Use is what depends on something that is to go.
type Use struct {
	// Keys, Policies and Users count what depends on it.
	Keys, Policies, Users int
	// Examples are some of the keys, at most [MaxPage].
	Examples []Key
	// Confirm is what to send to have it go all the same; empty where that
	// cannot be.
	Confirm string
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
	FieldPolicy     FieldCode = "UNKNOWN_POLICY"
	FieldUser       FieldCode = "UNKNOWN_USER"
	FieldService    FieldCode = "UNKNOWN_SERVICE"
	FieldAddress    FieldCode = "INVALID_ADDRESS"
	FieldConflict   FieldCode = "CONFLICT"
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
func UnavailableError(doing string, cause error) *Error {
	return &Error{Kind: Unavailable, Detail: doing, Cause: cause}
}

// FailedForGood makes a [Permanent] error, as [Failed] makes an [Unavailable]
// one.
func PermanentError(doing string, cause error) *Error {
	return &Error{Kind: Permanent, Detail: doing, Cause: cause}
}

// NoSuchKey is the one error for a key that does not exist and for a key of
// another organization: they must not be told apart.
func NoSuchKey() *Error {
	return &Error{Kind: NotFound, Detail: "There is no such API key."}
}

// NoSuch is the error for something that does not exist, or that another
// organization owns.
func NoSuch(subject Subject) *Error {
	if subject == SubjectKey {
		return NoSuchKey()
	}
	return &Error{Kind: NotFound, Subject: subject, Detail: "There is no such " + string(subject) + "."}
}

// NotAuthenticated is the one error for a caller without a valid key.
func UnauthenticatedError() *Error {
	return &Error{Kind: Unauthenticated, Detail: "A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read."}
}

func invalidError(fields ...FieldError) *Error {
	return &Error{Kind: Invalid, Detail: "The request is not valid.", Fields: fields}
}

func forbiddenError() *Error {
	return &Error{Kind: Forbidden, Detail: "The API key is valid but may not do this."}
}
