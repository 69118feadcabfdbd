package token

import (
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// algorithms are all that a token can be signed with. None of them has a secret
// that this side would know.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}

// maxKeyID bounds the memory of key ids that nobody has, in bytes each.
const maxKeyID = 256

var (
	errMalformed  = errors.New("it is no JWT signed with an algorithm that is taken")
	errCritical   = errors.New("it asks for extensions")
	errType       = errors.New("it is a JWT of another type")
	errKeyID      = errors.New("it names no key")
	errAlgorithm  = errors.New("the key is not for the algorithm")
	errSignature  = errors.New("its signature or its form is wrong")
	errExpiry     = errors.New("it never expires")
	errBound      = errors.New("it is bound to a sender")
	errSubject    = errors.New("it has no e-mail address")
	errUnverified = errors.New("its issuer has not verified the e-mail address")
)

// parse reads a token's form and header.
func parse(text string) (*jwt.JSONWebToken, error) {
	if len(text) > MaxBytes {
		return nil, errMalformed
	}
	token, err := jwt.ParseSigned(text, algorithms)
	if err != nil {
		return nil, errMalformed
	}
	header := token.Headers[0]
	_, critical := header.ExtraHeaders["crit"]
	switch {
	case critical:
		return nil, errCritical
	case !isAccessToken(header.ExtraHeaders[jose.HeaderType]):
		return nil, errType
	case header.KeyID == "" || len(header.KeyID) > maxKeyID:
		return nil, errKeyID
	}
	return token, nil
}

// isAccessToken reports whether a JWT of that type can be an access token. Many
// issuers say no more than JWT, or nothing; other kinds of JWT, such as a logout
// token, say what they are.
func isAccessToken(kind any) bool {
	if kind == nil {
		return true
	}
	name, ok := kind.(string)
	name = strings.TrimPrefix(strings.ToLower(name), "application/")
	return ok && (name == "jwt" || name == "at+jwt")
}

// subject reads claims, checks them, and returns the address that they name.
func (c *Checker) subject(read func(into ...any) error) (string, error) {
	var standard jwt.Claims
	var all map[string]any
	if read(&standard, &all) != nil {
		return "", errSignature
	}
	if standard.Expiry == nil {
		return "", errExpiry
	}
	expected := jwt.Expected{Issuer: c.config.Issuer, AnyAudience: jwt.Audience{c.config.Audience}, Time: c.config.Now()}
	if err := standard.ValidateWithLeeway(expected, leeway); err != nil {
		return "", err
	}
	if _, bound := all["cnf"]; bound {
		return "", errBound
	}
	address, ok := all[c.config.Claim].(string)
	if !ok || address == "" {
		return "", errSubject
	}
	if verified, said := all["email_verified"]; said && c.config.Claim == DefaultClaim && verified != true && verified != "true" {
		return "", errUnverified
	}
	return address, nil
}
