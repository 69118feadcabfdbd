// Package token checks OAuth 2.0 access tokens: signed JWTs of one OpenID
// Connect issuer that the owner chose.
//
// A token's own claims about its signature are never trusted: the issuer's
// published keys alone decide which key and which algorithm are valid for it. A
// token is valid or invalid, or its issuer's keys are unavailable; an outage
// never counts as one of the first two.
//
// go-jose parses tokens and published keys, verifies signatures and validates
// the standard claims. It was chosen over golang-jwt because it also parses JWK
// sets, accepts only the algorithms that it is given, refuses a JSON object with
// duplicate names or names in another case, and depends on nothing else. This
// package adds what go-jose leaves open, and says so in each place.
//
// Fetching and caching the keys is done here. go-oidc's RemoteKeySet keeps a
// withdrawn key until it sees an unknown key id, asks the issuer again for every
// such id, and reads documents of any length.
package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	// MaxBytes is the maximum length of a token.
	MaxBytes = 8 << 10

	// DefaultClaim names the claim that holds the user's e-mail address.
	DefaultClaim = "email"

	// leeway is the tolerated difference between the issuer's clock and this one.
	leeway = 30 * time.Second
)

// Config configures a [Checker]. All fields but the two flags must be set.
type Config struct {
	// Issuer is the issuer's URL. It must equal the one in its tokens and its
	// discovery document byte for byte: see [ValidIssuer].
	Issuer string
	// Audience must be among a token's audiences.
	Audience string
	// Claim names the claim that holds the user's e-mail address.
	Claim string
	// VerifiesEmail says that the issuer verifies every address that it puts into
	// [DefaultClaim]. Otherwise the token itself must say that the address is
	// verified.
	VerifiesEmail bool
	// ClientAudience accepts tokens without an audience if they were issued to the
	// client whose id is Audience, such as Amazon Cognito's access tokens. Such a
	// token does not say which API it is for, so every API that receives it can use
	// it at every other. The token must also say that it is an access token, as
	// Cognito's do.
	ClientAudience bool
	// HTTP fetches the issuer's keys. Redirects are not followed.
	HTTP *http.Client
	// Now is the wall clock.
	Now func() time.Time
}

// Checker checks tokens. It does I/O only to check a token, and is safe for
// concurrent use.
type Checker struct {
	config Config
	keys   keyring
}

// New returns a checker that has fetched nothing yet.
func New(config Config) *Checker {
	return &Checker{config: config, keys: keyring{issuer: config.Issuer, http: config.HTTP, now: config.Now}}
}

// ValidIssuer reports whether text can be the URL of an issuer: https, or http
// on the loopback interface, with a host and at most a path.
func ValidIssuer(text string) bool {
	u, err := url.Parse(text)
	return err == nil && safe(u) && u.RawQuery == "" && !strings.ContainsAny(text, "?#")
}

// safe reports whether a response from the URL can be trusted to come from its
// host.
func safe(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	loopback := err == nil && address.IsLoopback() || u.Hostname() == "localhost"
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// Subject returns the e-mail address of the token's user. Errors:
// [apikey.Unauthenticated] for a token that is invalid or has no address, and
// [apikey.Unavailable] if the issuer's keys cannot be fetched. Neither contains
// any part of the token.
func (c *Checker) Subject(ctx context.Context, text string) (string, error) {
	parsed, err := parse(text)
	if err != nil {
		return "", refused(err)
	}
	claims, err := readClaims(parsed.claims)
	if err != nil {
		return "", refused(err)
	}
	// Check the claims first: a token that cannot be valid needs no key.
	subject, err := c.subject(claims)
	if err != nil {
		return "", refused(err)
	}
	if err := c.verify(ctx, parsed); err != nil {
		return "", err
	}
	return subject, nil
}

// verify checks a token's signature with the cached keys. If the token's key may
// be missing there, it tries once more with other keys. Its errors are those of
// [Checker.Subject].
func (c *Checker) verify(ctx context.Context, s signed) error {
	var seen *fetched
	var wrong error
	for range 2 {
		latest, err := c.keys.other(ctx, seen)
		if err != nil {
			return apikey.UnavailableError("fetch the token issuer's keys", err)
		}
		wrong = s.verify(latest.keys)
		switch {
		case wrong == nil:
			return nil
		case s.keyID != "" && !errors.Is(wrong, errNoKey):
			return refused(wrong)
		}
		seen = latest
	}
	return refused(wrong)
}

// refused returns the error for an invalid token; the cause is for the log.
func refused(cause error) error {
	err := apikey.UnauthenticatedError()
	err.Cause = fmt.Errorf("the access token: %w", cause)
	return err
}
