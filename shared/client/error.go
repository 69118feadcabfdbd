package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client/wire"
)

// Error is an answer that is not a success. Compare its code by [errors.Is] with the
// errors of this package, such as [ErrQuotaReached].
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code says what is wrong, for programs. It is empty if the answer is not
	// Keyward's: a proxy's, say.
	Code string
	// Title is what the status means. Detail is a sentence for people.
	Title, Detail string
	// Fields says which inputs are wrong, and how.
	Fields []FieldError
	// InUse says what still depends on something, and is nil otherwise.
	InUse *InUse
	// RequestID is the id with which the request is found in Keyward's log.
	RequestID string
	// RetryAfter is how long the answer asks to wait; 0 if it does not say.
	RetryAfter time.Duration
}

// FieldError is one fault of one input.
type FieldError = wire.Fault

// KeyInUse is a key that depends on something.
type KeyInUse = wire.KeyInUse

// InUse says what depends on what was to be removed.
type InUse struct {
	Keys, Policies, Users int
	// Examples are some of the keys, at most 100.
	Examples []KeyInUse
	// LastUsedOn is when any of them was last used; zero if none was.
	LastUsedOn time.Time
	// Confirm, sent as the parameter of that name, deletes a policy with its keys.
	Confirm string
}

// Error returns the status, the code and the detail.
func (e *Error) Error() string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "keyward: %d", e.Status)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	b.WriteString(": " + e.Detail)
	for _, f := range e.Fields {
		b.WriteString(" " + f.String())
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Is reports whether target is the error of e's code.
func (e *Error) Is(target error) bool {
	c, ok := target.(code)
	return ok && string(c) == e.Code
}

// refusal returns the error that an answer describes.
func refusal(response *http.Response, kind string, body []byte) error {
	var p wire.Problem
	if kind != "application/problem+json" || json.Unmarshal(body, &p) != nil || p.Code == "" {
		detail := "The answer is not Keyward's. Check the URL, and what is between here and there."
		if response.StatusCode >= 300 && response.StatusCode < 400 {
			detail = "Redirects are not followed, because they would take the key along. Use the URL that it leads to, if you trust it."
		}
		return foreign(response, detail)
	}
	e := &Error{
		Status: response.StatusCode, Code: p.Code, Title: p.Title, Detail: p.Detail, Fields: p.Errors,
		RequestID: p.RequestID, RetryAfter: parseRetryAfter(response.Header),
	}
	if p.KeyCount+p.PolicyCount+p.UserCount > 0 {
		e.InUse = &InUse{p.KeyCount, p.PolicyCount, p.UserCount, p.Keys, p.LastUsedOn, p.Confirm}
	}
	return e
}

// foreign returns the error for an answer that is not Keyward's.
func foreign(response *http.Response, detail string) error {
	return &Error{
		Status: response.StatusCode, Title: http.StatusText(response.StatusCode), Detail: detail,
		RequestID: response.Header.Get("X-Amzn-Requestid"), RetryAfter: parseRetryAfter(response.Header),
	}
}

// parseRetryAfter returns how long Retry-After asks to wait: seconds, or a date
// that is compared with the answer's own.
func parseRetryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}
