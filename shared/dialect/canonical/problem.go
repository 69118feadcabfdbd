package canonical

import (
	"maps"
	"net/http"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// Problem is an error answer (RFC 9457), application/problem+json.
type Problem struct {
	Type      string  `json:"type" doc:"Always about:blank: title says what status means, code what went wrong."`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail" doc:"A sentence for people."`
	Code      string  `json:"code" doc:"For programs; it does not change."`
	RequestID string  `json:"requestId"`
	Errors    []Fault `json:"errors,omitzero" doc:"What is wrong with the input, one entry a fault; at most 20."`
}

// Fault is one fault of one input.
type Fault struct {
	Field  string `json:"field" doc:"Where it is: a member of the body such as permissions[0], a query parameter, or a header."`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Class is what a problem is, whatever the request was.
type Class struct {
	Status      int
	Code, Title string
	// Detail, where it is set, stands in the place of the error's own, which is
	// then for the log only.
	Detail string
}

// The classes that no kind of error has: what the adapter refuses before the
// rules are asked.
var (
	TooLarge             = Class{http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE", "Content Too Large", ""}
	UnsupportedMediaType = Class{http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", ""}
)

var (
	internal    = Class{http.StatusInternalServerError, "INTERNAL", "Internal Server Error", "Something went wrong. Try again."}
	unavailable = Class{http.StatusServiceUnavailable, "UNAVAILABLE", "Service Unavailable", "The service cannot do this now. Try again."}
)

var classes = map[apikey.Kind]Class{
	apikey.Internal:           internal,
	apikey.Invalid:            {http.StatusBadRequest, "INVALID_REQUEST", "Bad Request", ""},
	apikey.Unauthenticated:    {http.StatusUnauthorized, "UNAUTHENTICATED", "Unauthorized", ""},
	apikey.Forbidden:          {http.StatusForbidden, "FORBIDDEN", "Forbidden", ""},
	apikey.NotHeld:            {http.StatusForbidden, "PERMISSION_NOT_HELD", "Forbidden", ""},
	apikey.NotFound:           {http.StatusNotFound, "API_KEY_NOT_FOUND", "Not Found", ""},
	apikey.NameTaken:          {http.StatusConflict, "API_KEY_NAME_TAKEN", "Conflict", ""},
	apikey.QuotaReached:       {http.StatusForbidden, "API_KEY_LIMIT_EXCEEDED", "Forbidden", ""},
	apikey.Stale:              unavailable,
	apikey.PreconditionFailed: {http.StatusPreconditionFailed, "PRECONDITION_FAILED", "Precondition Failed", ""},
	apikey.Unavailable:        unavailable,
}

// ClassOf is the class of a kind: the one table from the rules' errors to HTTP.
// A kind that it does not know is a fault of Keyward's own.
func ClassOf(kind apikey.Kind) Class {
	if class, ok := classes[kind]; ok {
		return class
	}
	return internal
}

// Codes are the codes that a status can have, in order.
func Codes(status int) []string {
	codes := map[string]bool{}
	for _, class := range append(slices.Collect(maps.Values(classes)), TooLarge, UnsupportedMediaType) {
		if class.Status == status {
			codes[class.Code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// maxFaults bounds an answer, which must not be many times larger than the
// request that provoked it.
const maxFaults = 20

// Problem is the class for one request. The detail and fields are the error's.
func (c Class) Problem(requestID, detail string, fields []apikey.FieldError) Problem {
	if c.Detail != "" {
		detail = c.Detail
	}
	problem := Problem{Type: "about:blank", Title: c.Title, Status: c.Status, Detail: detail, Code: c.Code, RequestID: requestID}
	for _, f := range fields[:min(len(fields), maxFaults)] {
		problem.Errors = append(problem.Errors, Fault{f.Field, string(f.Code), f.Detail})
	}
	return problem
}
