package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/keyward/keyward/shared/client/wire"
)

// Question is what to verify about a key, besides that it can be used: that it has
// a Permission, or may call a route of a Service, named by its Method and either
// its Route (a template) or a Path.
type Question struct {
	Permission string
	Service    string
	Method     string
	Route      string
	Path       string
	// Source is the IP address that the key is used from.
	Source string
	// Explain asks which rule decided. It needs AdministerApiKeys.
	Explain bool
}

// Verification is the answer about one key. It may be used for TTLSeconds, counted
// from when the question was sent.
type Verification = wire.Verification

// MaxKeys is how many keys one call can verify.
const MaxKeys = 100

// Verify returns whether a key may do something. A key that may not is not an error.
func (c *Client) Verify(ctx context.Context, key Secret, q Question) (*Verification, error) {
	if err := spaceless(key); err != nil {
		return nil, err
	}
	body := q.body()
	body.Key = key.Reveal()
	return c.verifyOne(ctx, body)
}

// VerifyAuthorization does as [Client.Verify], for the value of an Authorization
// header, as it came.
func (c *Client) VerifyAuthorization(ctx context.Context, authorization Secret, q Question) (*Verification, error) {
	body := q.body()
	body.Authorization = authorization.Reveal()
	return c.verifyOne(ctx, body)
}

// VerifyAll answers one question about up to [MaxKeys] keys, in their order.
func (c *Client) VerifyAll(ctx context.Context, keys []Secret, q Question) ([]Verification, error) {
	if len(keys) == 0 || len(keys) > MaxKeys {
		return nil, fmt.Errorf("client: %d keys to verify: send 1 to %d", len(keys), MaxKeys)
	}
	body := q.body()
	for i, key := range keys {
		if err := spaceless(key); err != nil {
			return nil, fmt.Errorf("%w (number %d)", err, i+1)
		}
		body.Keys = append(body.Keys, key.Reveal())
	}
	request, err := wire.NewVerifyKeyRequest(ctx, c.sender.server, body)
	answer, err := ask[wire.Verified](c.sender, repeatable, request, err)
	if err != nil {
		return nil, err
	}
	if len(answer.Results) != len(keys) || slices.ContainsFunc(answer.Results, undecided) {
		return nil, notAnswered(noDecision)
	}
	return answer.Results, nil
}

// spaceless returns an error for a key with whitespace, which comes from a faulty
// copy or from an Authorization value.
func spaceless(key Secret) error {
	if !strings.ContainsFunc(key.Reveal(), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil
	}
	return errors.New("client: the key to verify has whitespace: send its text alone, or a header's value by VerifyAuthorization")
}

func (q Question) body() wire.VerifyBody {
	body := wire.VerifyBody{Permission: q.Permission, Service: q.Service, Method: q.Method, Route: q.Route, Path: q.Path, Source: q.Source}
	if q.Explain {
		body.Explain = &q.Explain
	}
	return body
}

func (c *Client) verifyOne(ctx context.Context, body wire.VerifyBody) (*Verification, error) {
	request, err := wire.NewVerifyKeyRequest(ctx, c.sender.server, body)
	answer, err := ask[Verification](c.sender, repeatable, request, err)
	if err != nil {
		return nil, err
	}
	if undecided(*answer) {
		return nil, notAnswered(noDecision)
	}
	return answer, nil
}

// undecided reports whether a JSON only looks like a refusal: Keyward's has a code.
func undecided(v Verification) bool { return !v.Valid && v.Code == "" }

const noDecision = "The answer does not say whether the key is valid. Check the URL."

// Introspection is the answer of RFC 7662 about a key.
type Introspection = wire.Introspected

// Introspect asks about a key in the form of RFC 7662. Of the question only
// Service and Source count.
func (c *Client) Introspect(ctx context.Context, key Secret, q Question) (*Introspection, error) {
	request, err := wire.NewIntrospectRequest(ctx, c.sender.server, wire.IntrospectionFormInput{Token: key.Reveal(), Service: q.Service, Source: q.Source})
	return ask[Introspection](c.sender, repeatable, request, err)
}

// ReportExposure reports that a key has leaked: where it was found, such as
// "pastebin", and the page's https URL; both may be empty. The answer is the same
// whether or not it is a key.
func (c *Client) ReportExposure(ctx context.Context, key Secret, source, page string) error {
	request, err := wire.NewReportExposureRequest(ctx, c.sender.server, wire.ExposureBody{Key: key.Reveal(), Source: source, URL: page})
	return tell(c.sender, repeatable, request, err)
}

func notAnswered(detail string) error {
	return &Error{Status: http.StatusOK, Title: "Not an answer of Keyward", Detail: detail}
}
