package canonical

import (
	"net/http"

	"github.com/keyward/keyward/shared/apikey"
)

// Class is the part of a problem that does not depend on the request.
type Class struct {
	Status      int
	Code, Title string
	// Detail, if set, replaces the error's own detail, which then goes to the log
	// only.
	Detail string
}

// The classes of errors that the adapter finds before it calls the rules; no
// kind has them.
var (
	TooLarge             = Class{http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE", "Content Too Large", ""}
	UnsupportedMediaType = Class{http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", ""}
	NoRoute              = Class{http.StatusNotFound, "NOT_FOUND", "Not Found", ""}
)

var own = []Class{TooLarge, UnsupportedMediaType, NoRoute}

var (
	internal    = Class{http.StatusInternalServerError, "INTERNAL", "Internal Server Error", "Something went wrong. Try again."}
	permanent   = Class{http.StatusInternalServerError, "PERMANENT_FAILURE", "Internal Server Error", "Something went wrong. Trying again does not help: give the operator this requestId."}
	unavailable = Class{http.StatusServiceUnavailable, "UNAVAILABLE", "Service Unavailable", "Keyward cannot do this now. Try again."}
)

// classes maps each kind to its class, for subjects without one of their own.
var classes = map[apikey.Kind]Class{
	apikey.Internal:           internal,
	apikey.Invalid:            {http.StatusBadRequest, "INVALID_REQUEST", "Bad Request", ""},
	apikey.Unauthenticated:    {http.StatusUnauthorized, "UNAUTHENTICATED", "Unauthorized", ""},
	apikey.Forbidden:          forbidden("FORBIDDEN"),
	apikey.NotHeld:            forbidden("PERMISSION_NOT_HELD"),
	apikey.NotFound:           notFound("API_KEY_NOT_FOUND"),
	apikey.NameTaken:          conflict("API_KEY_NAME_TAKEN"),
	apikey.InUse:              conflict("IN_USE"),
	apikey.LastAdministrator:  conflict("LAST_ADMIN_KEY"),
	apikey.Withdrawing:        conflict("PERMISSION_BEING_WITHDRAWN"),
	apikey.QuotaReached:       forbidden("API_KEY_LIMIT_EXCEEDED"),
	apikey.Reused:             {http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED", "Unprocessable Content", ""},
	apikey.NotRecoverable:     conflict("API_KEY_NOT_RECOVERABLE"),
	apikey.NotRestorable:      conflict("API_KEY_NOT_RESTORABLE"),
	apikey.NotRotatable:       conflict("API_KEY_NOT_ROTATABLE"),
	apikey.SecretLive:         conflict("PREVIOUS_SECRET_LIVE"),
	apikey.Stale:              unavailable,
	apikey.PreconditionFailed: {http.StatusPreconditionFailed, "PRECONDITION_FAILED", "Precondition Failed", ""},
	apikey.Unavailable:        unavailable,
	apikey.Permanent:          permanent,
}

// about is a kind of error about a subject.
type about struct {
	kind    apikey.Kind
	subject apikey.Subject
}

// classesOf holds the classes that depend on the subject as well.
var classesOf = map[about]Class{
	{apikey.NotFound, apikey.SubjectPolicy}:       notFound("POLICY_NOT_FOUND"),
	{apikey.NotFound, apikey.SubjectUser}:         notFound("USER_NOT_FOUND"),
	{apikey.NotFound, apikey.SubjectService}:      notFound("SERVICE_NOT_FOUND"),
	{apikey.NotFound, apikey.SubjectPermission}:   notFound("PERMISSION_NOT_FOUND"),
	{apikey.NotFound, apikey.SubjectOrganization}: notFound("ORGANIZATION_NOT_FOUND"),
	{apikey.NotFound, apikey.SubjectSecret}:       notFound("PREVIOUS_SECRET_NOT_FOUND"),
	{apikey.NameTaken, apikey.SubjectPolicy}:      conflict("POLICY_NAME_TAKEN"),
	{apikey.NameTaken, apikey.SubjectUser}:        conflict("USER_EMAIL_TAKEN"),
	{apikey.NameTaken, apikey.SubjectService}:     conflict("SERVICE_API_TAKEN"),
	{apikey.InUse, apikey.SubjectPolicy}:          conflict("POLICY_IN_USE"),
	{apikey.InUse, apikey.SubjectService}:         conflict("PERMISSION_IN_USE"),
	{apikey.InUse, apikey.SubjectPermission}:      conflict("PERMISSION_IN_USE"),
	{apikey.InUse, apikey.SubjectUser}:            conflict("LAST_OWNER"),
	{apikey.InUse, apikey.SubjectOrganization}:    conflict("LAST_OWNER"),
	{apikey.QuotaReached, apikey.SubjectUser}:     forbidden("PERSONAL_KEY_LIMIT_EXCEEDED"),
}

// ClassOf returns the class of a kind of error about a subject. Every format uses
// it, except for the errors to which the Supermetrics document gives another
// status. An unknown kind counts as an internal error.
func ClassOf(kind apikey.Kind, subject apikey.Subject) Class {
	if class, ok := classesOf[about{kind, subject}]; ok {
		return class
	}
	if class, ok := classes[kind]; ok {
		return class
	}
	return internal
}

func notFound(code string) Class { return Class{http.StatusNotFound, code, "Not Found", ""} }

func forbidden(code string) Class { return Class{http.StatusForbidden, code, "Forbidden", ""} }

func conflict(code string) Class { return Class{http.StatusConflict, code, "Conflict", ""} }
