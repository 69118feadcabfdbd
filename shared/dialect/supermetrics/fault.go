package supermetrics

import (
	"net/http"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// ErrorAnswer is an error answer.
type ErrorAnswer struct {
	Meta  Meta  `json:"meta"`
	Error Error `json:"error"`
}

// Error says what went wrong.
type Error struct {
	Code        string `json:"code" doc:"What is wrong, for programs. It does not change between versions."`
	Message     string `json:"message" doc:"What the code means."`
	Description string `json:"description" doc:"What is wrong with this request."`
}

// The codes of the document.
const (
	AllowIPInvalid   = "API_KEY_ALLOW_IP_INVALID"
	LimitExceeded    = "API_KEY_LIMIT_EXCEEDED"
	NotFound         = "API_KEY_NOT_FOUND"
	ScopeNameInvalid = "API_KEY_SCOPE_NAME_INVALID"
	UpdateFailed     = "API_KEY_UPDATE_FAILED"
	UserInvalid      = "API_KEY_USER_INVALID"
)

// Class is the part of an error that does not depend on the request.
type Class struct {
	Status        int
	Code, Message string
}

var (
	notFound     = Class{http.StatusNotFound, NotFound, "The API key was not found."}
	overLimit    = Class{http.StatusForbidden, LimitExceeded, "A new API key would exceed the limit of keys."}
	updateFailed = Class{http.StatusInternalServerError, UpdateFailed, "The API key could not be updated. Try again."}
	notUpdatable = Class{http.StatusInternalServerError, UpdateFailed, "The API key could not be updated."}
)

// byField maps what is wrong with a field to its class.
var byField = map[apikey.FieldCode]Class{
	apikey.FieldAddress:    {http.StatusBadRequest, AllowIPInvalid, "An IP address or CIDR range is not valid."},
	apikey.FieldPermission: {http.StatusBadRequest, ScopeNameInvalid, "A scope name is not supported."},
	apikey.FieldUser:       {http.StatusBadRequest, UserInvalid, "The user does not exist, or is not of this team."},
}

// Documented returns the class of an error for which the document has a code; ok
// is false for any other. updating says that a key was being changed.
func Documented(kind apikey.Kind, subject apikey.Subject, fields []apikey.FieldError, updating bool) (class Class, ok bool) {
	switch {
	case kind == apikey.Invalid:
		for _, f := range fields {
			if class, ok = byField[f.Code]; ok {
				return class, true
			}
		}
	case kind == apikey.NotFound && subject == apikey.SubjectKey:
		return notFound, true
	case kind == apikey.QuotaReached && subject == apikey.SubjectKey && !updating:
		return overLimit, true
	case updating && kind == apikey.Permanent:
		return notUpdatable, true
	case updating && slices.Contains(failures, kind):
		return updateFailed, true
	}
	return Class{}, false
}

// failures lists the kinds of errors that are not the caller's fault and may be
// temporary.
var failures = []apikey.Kind{apikey.Internal, apikey.Unavailable, apikey.Stale}

// Answer returns the class as an error answer to one request. The detail and the
// fields are those of the rules' error, and may be shown.
func (c Class) Answer(requestID, detail string, fields []apikey.FieldError) ErrorAnswer {
	return ErrorAnswer{Meta{requestID}, Error{c.Code, c.Message, describe(detail, fields)}}
}

func describe(detail string, fields []apikey.FieldError) string {
	sentences := []string{detail}
	if len(fields) > 0 {
		sentences = nil
	}
	for _, f := range fields[:min(len(fields), wire.MaxFaults)] {
		sentences = append(sentences, rename(f.Field)+": "+f.Detail)
	}
	return strings.Join(sentences, " ")
}

// members maps the rules' field names to the document's.
var members = map[string]string{
	// A key has no name in this format, so a fault of the name is shown as one of
	// the description.
	"name": "description", "permissions": "scope_names", "allowIps": allowField, "onBehalfOf": behalfField,
	"enabled": "is_enabled", "disabled": "is_enabled", "recoverable": "is_recoverable", "type": typeField,
}

// rename returns a field's name in this format. It keeps a trailing index.
func rename(field string) string {
	name, index, _ := strings.Cut(field, "[")
	if own, known := members[name]; known {
		name = own
	}
	if index != "" {
		index = "[" + index
	}
	return name + index
}
