// Package github checks that GitHub sent a report of leaked keys: the signature
// of its secret scanning partner program, an ECDSA P-256 signature over the
// body as it was sent. GitHub publishes the keys; they are fetched when they
// are first needed, and at most once a minute.
package github

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
	"github.com/keyward/keyward/shared/operations"
)

const (
	// fetchLimit limits one fetch of the keys.
	fetchLimit = 3 * time.Second
	// fetchInterval is the shortest time between two fetches.
	fetchInterval = time.Minute
	// fresh is how long keys are used before they are fetched again, and usable
	// how long if that fails.
	fresh  = time.Hour
	usable = 24 * time.Hour
)

// Checker checks signatures. It is safe for concurrent use.
type Checker struct {
	url    string
	client *http.Client
	now    func() time.Time
	group  flight.Group[struct{}, keySet]

	// triedOn is when the last fetch began, failed why it failed; nil if it did
	// not. Only the flight uses them.
	triedOn time.Time
	failed  error

	mu   sync.Mutex
	keys keySet
}

// keySet holds the published keys by their identifiers.
type keySet struct {
	byID map[string]*ecdsa.PublicKey
	// readOn is when the fetch of the keys began; zero before the first.
	readOn time.Time
}

// New returns a checker with the keys that are published at url. It follows no
// redirects.
func New(url string, transport http.RoundTripper, now func() time.Time) *Checker {
	return &Checker{url: url, client: &http.Client{Transport: transport}, now: now}
}

// Check checks the signature of a body, exactly as it was sent, with the key of
// that identifier. Errors: [apikey.Invalid] that names the header at fault;
// [apikey.Unavailable] if the keys cannot be read.
func (c *Checker) Check(ctx context.Context, identifier, signature string, body []byte) error {
	if identifier == "" {
		return invalid(operations.GitHubIdentifierHeader, apikey.FieldRequired, "is required: it names the key that signed the body.")
	}
	if signature == "" {
		return invalid(operations.GitHubSignatureHeader, apikey.FieldRequired, "is required: it is the signature of the body.")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || strings.ContainsAny(signature, "\r\n") {
		return invalid(operations.GitHubSignatureHeader, apikey.FieldValue, "must be a signature in base64.")
	}
	key, err := c.key(ctx, identifier)
	if err != nil {
		return err
	}
	if key == nil {
		return invalid(operations.GitHubIdentifierHeader, apikey.FieldValue, "names none of the keys that GitHub publishes.")
	}
	if sum := sha256.Sum256(body); !ecdsa.VerifyASN1(key, sum[:], raw) {
		return invalid(operations.GitHubSignatureHeader, apikey.FieldValue, "is not the signature of this body.")
	}
	return nil
}

// key returns the key of that identifier; nil if none is published.
func (c *Checker) key(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	keys := c.known()
	if key := keys.byID[identifier]; key != nil && c.now().Sub(keys.readOn) < fresh {
		return key, nil
	}
	keys, err := c.group.Do(ctx, struct{}{}, fetchLimit, c.refresh)
	if key := keys.byID[identifier]; key != nil || err == nil {
		return key, nil
	}
	unavailable := apikey.UnavailableError("read the keys that GitHub publishes", err)
	unavailable.RetryAfter = fetchInterval
	return nil, unavailable
}

func invalid(header string, code apikey.FieldCode, predicate string) error {
	return apikey.InvalidError(apikey.FieldError{Field: header, Code: code, Detail: header + " " + predicate})
}
