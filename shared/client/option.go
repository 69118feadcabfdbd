package client

import (
	"cmp"
	"context"
	"net/http"
)

// Option changes how a client calls.
type Option func(*sender)

// WithHTTPClient sends the requests with an HTTP client of the caller's. A copy of
// it is used, which refuses redirects. nil stands for the zero [http.Client], which is
// also the default.
func WithHTTPClient(h *http.Client) Option {
	return func(s *sender) { s.http = cmp.Or(h, &http.Client{}) }
}

// WithAuthorization sends what the function returns as bearer token, instead of
// the key: an OAuth access token, say. It is called for each attempt. The key may
// then be empty. nil changes nothing.
func WithAuthorization(token func(context.Context) (string, error)) Option {
	return func(s *sender) {
		if token != nil {
			s.authorize, s.withoutKey = token, true
		}
	}
}

// WithUserAgent names the program, in the audit log too.
func WithUserAgent(name string) Option { return func(s *sender) { s.userAgent = name } }

// WithRetries sets how often a call is repeated at most; 0 never. The default is 3.
//
// Repeated are reads, verifications, reports, and changes that come to the same if
// they are made twice: creating and rotating a key, which carry an Idempotency-Key,
// and changes and deletions without IfMatch. With IfMatch the second attempt could
// answer 412 to what the first one did. Anything is repeated after 429, and if no
// connection could be made. The waits grow from 0.1 to 5 s, at random between half
// and whole, or are what Retry-After asks for. No wait goes beyond the context's
// deadline or 30 s: then the call returns its error at once.
func WithRetries(most int) Option { return func(s *sender) { s.retries = most } }
