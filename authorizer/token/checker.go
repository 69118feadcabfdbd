// Package token checks OAuth 2.0 access tokens: signed JWTs of one OpenID
// Connect issuer that the owner chose.
//
// What a token says of itself is believed of nothing: the issuer's published
// keys alone decide which key and which algorithm a token can be signed with. A
// token is valid, or it is not, or that cannot be found out just now; the last
// is an outage, and never one of the first two.
//
// go-jose reads tokens and published keys, verifies signatures and validates the
// standard claims. It was chosen over golang-jwt because it also reads JWK sets,
// takes only the algorithms that it is given, refuses a JSON object that has a
// name twice or in another case, and depends on nothing else. This package adds
// what go-jose leaves open, and says so where it does.
//
// Fetching and keeping the keys is done here. go-oidc's RemoteKeySet keeps a
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
	// MaxBytes is the length of the longest token that is looked at.
	MaxBytes = 8 << 10

	// DefaultClaim names the claim that holds the user's e-mail address.
	DefaultClaim = "email"

	// leeway is by how much the issuer's clock and this one may differ.
	leeway = 30 * time.Second
)

// Config is what a [Checker] needs. All fields but the two flags must be set.
type Config struct {
	// Issuer is the issuer's URL, as its tokens and its discovery document name
	// it, byte for byte: see [ValidIssuer].
	Issuer string
	// Audience is what a token must be for, among others.
	Audience string
	// Claim names the claim that holds the user's e-mail address.
	Claim string
	// VerifiesEmail is whether the issuer verifies every address that it puts
	// into [DefaultClaim]. Otherwise a token must say of its own that it is
	// verified.
	VerifiesEmail bool
	// ClientAudience takes tokens without an audience for the client that they
	// were given to, where that client's id is Audience: so are Amazon Cognito's
	// access tokens. Such a token does not say which API it is for, so that each
	// API that it is sent to can use it at every other. With it, a token must be
	// Cognito's: one that says it is for access.
	ClientAudience bool
	// HTTP fetches the issuer's keys. Redirects are not followed.
	HTTP *http.Client
	// Now is the wall clock.
	Now func() time.Time
}

// Checker checks tokens. It does no I/O but for a token, and is safe for
// concurrent use.
type Checker struct {
	config Config
	keys   keyring
}

// New makes a checker that has fetched nothing yet.
func New(config Config) *Checker {
	client := *config.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Checker{config: config, keys: keyring{issuer: config.Issuer, http: &client, now: config.Now}}
}

// ValidIssuer reports whether text is the URL of an issuer: https, or http on
// the loopback interface, with a host and no more than a path.
func ValidIssuer(text string) bool {
	u, err := url.Parse(text)
	return err == nil && safe(u) && u.RawQuery == "" && !strings.ContainsAny(text, "?#")
}

// safe reports whether what a URL gives can be trusted to be its host's.
func safe(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	loopback := err == nil && address.IsLoopback() || u.Hostname() == "localhost"
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// Subject is the e-mail address of the user whom a token is about. Its errors
// are [apikey.Unauthenticated], for a token that is not valid or has no address,
// and [apikey.Unavailable], where the issuer's keys cannot be had. Neither holds
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
	// What cannot be valid, whoever signed it, is not worth asking for a key.
	subject, err := c.subject(claims)
	if err != nil {
		return "", refused(err)
	}
	if err := c.verify(ctx, parsed); err != nil {
		return "", err
	}
	return subject, nil
}

// verify checks a token's signature with the keys that are kept and, where its
// key may not be among them, once more with others. Its errors are those of
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

// refused is the error for a token that is not valid; the cause is for the log.
func refused(cause error) error {
	err := apikey.UnauthenticatedError()
	err.Cause = fmt.Errorf("the access token: %w", cause)
	return err
}
