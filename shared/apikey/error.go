package apikey

import (
	"errors"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// Kind sorts errors by what the caller can do about them. Each adapter maps
// kinds to its own form with one table.
type Kind int

// The kinds. The zero Kind is [Internal], so that an error nobody sorted is
// never taken for the caller's fault.
const (
	// Internal is a bug in Keyward.
	Internal Kind = iota
	// Invalid is input that breaks a rule; Fields says which.
	Invalid
	// Unauthenticated is a caller whose key is not, or no longer, valid.
	Unauthenticated
	// Forbidden is a caller without the permission for the operation or key.
	Forbidden
	// NotHeld is a grant of something that the caller does not hold.
	NotHeld
	// NotFound is something that does not exist in the caller's organization.
	NotFound
	// NameTaken is a name that another record of the same kind has.
	NameTaken
	// InUse is something that other records depend on, so that it cannot be
	// removed, or not without confirmation; Use says which.
	InUse
	// LastAdministrator is a change after which no key could administer keys.
	// The caller can force it.
	LastAdministrator
	// Withdrawing is a declaration of permissions that are still being withdrawn
	// from their earlier holders. The caller can try again after RetryAfter.
	Withdrawing
	// QuotaReached is an organization or a user with all the keys it may have.
	QuotaReached
	// Reused is an Idempotency-Key that stands for another request, or for a key
	// that is gone.
	Reused
	// NotRecoverable is a key of which no copy is stored.
	NotRecoverable
	// NotRestorable is a key that is not deleted, or that cannot be restored.
	NotRestorable
	// NotRotatable is a key that cannot get a new secret in its present state.
	NotRotatable
	// SecretLive is a key whose previous secret must end before it can get
	// another one.
	SecretLive
	// Stale is a change of a record that has changed since it was read.
	Stale
	// PreconditionFailed is a version, requested by the caller, that is not the
	// current one.
	PreconditionFailed
	// Unavailable is a dependency that failed, or a record that cannot be
	// trusted. Trying again may help. It is never an answer about a credential.
	Unavailable
	// Permanent is a fault of Keyward that a retry cannot cure: something that
	// a store cannot write or could not read back.
	Permanent
)

// Error is the only error type that the rules and the ports return.
type Error struct {
	Kind Kind
	// Subject is what the error is about; the zero Subject is a key.
	Subject Subject
	// Use says what depends on the subject of an [InUse] error.
	Use *Use
	// Current is the version that a [PreconditionFailed] change found; 0 if the
	// record does not exist.
	Current int64
	// RetryAfter is how long to wait before trying again, if that helps.
	RetryAfter time.Duration
	// Detail is a sentence for the caller. It never holds a secret or a cause.
	Detail string
	// Fields lists the faults of [Invalid] or [NotHeld] input.
	Fields []FieldError
	// Cause is for the log only.
	Cause error
}

// Subject is a kind of record.
type Subject string

// The subjects. The zero Subject is a key.
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
	SubjectLastUse      Subject = "last use of an API key"
	SubjectSecret       Subject = "previous secret"
	SubjectOutcome      Subject = "outcome of a request"
	SubjectNoticeRound  Subject = "round of notices"
)

// Use is what depends on something that is to be removed.
type Use struct {
	// Keys, Policies and Users count what depends on it.
	Keys, Policies, Users int
	// Examples are some of the keys, at most [MaxPage], and none that the caller
	// cannot see.
	Examples []Key
	// LastUsedOn is when any of the first [MaxPage] keys was last used, and LastUses
	// holds the last uses of Examples. Only [Rules.DeletePolicy] fills them.
	LastUsedOn time.Time
	LastUses   map[uuid.UUID]LastUse
	// Confirm is what to send to remove it anyway; empty if that is not
	// possible.
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

// Error returns the detail and the cause, for logs.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Detail
	}
	return e.Detail + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of err; [Internal] if err is not one of this
// package's.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// UnavailableError returns an [Unavailable] error. The doing says what was
// being tried, for the log.
func UnavailableError(doing string, cause error) *Error {
	return &Error{Kind: Unavailable, Detail: doing, Cause: cause}
}

// PermanentError returns a [Permanent] error. The doing says what was being
// tried, for the log.
func PermanentError(doing string, cause error) *Error {
	return &Error{Kind: Permanent, Detail: doing, Cause: cause}
}

// NoSuchKey returns the one error for a key that does not exist and for a key
// of another organization, so that nobody can tell them apart.
func NoSuchKey() *Error {
	return &Error{Kind: NotFound, Detail: "There is no such API key."}
}

// NoSuch returns the error for a record that does not exist or that another
// organization owns.
func NoSuch(subject Subject) *Error {
	if subject == SubjectKey {
		return NoSuchKey()
	}
	return &Error{Kind: NotFound, Subject: subject, Detail: "There is no such " + string(subject) + "."}
}

// UnauthenticatedError returns the one error for a caller without a valid key.
func UnauthenticatedError() *Error {
	return &Error{Kind: Unauthenticated, Detail: "A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read."}
}

// InvalidError returns an [Invalid] error with the faults; nil if there are none.
func InvalidError(faults ...FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Detail: "The request is not valid.", Fields: faults}
}

func forbiddenError() *Error {
	return &Error{Kind: Forbidden, Detail: "The API key is valid but may not do this."}
}
