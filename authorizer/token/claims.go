package token

import (
	"errors"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

var (
	errMalformed  = errors.New("it is not a JWT signed with RS256, ES256 or EdDSA")
	errCritical   = errors.New("its header requires an extension (crit), and none is supported")
	errType       = errors.New("it is a JWT of another type")
	errKeyID      = errors.New("its key id is not a string")
	errNoKey      = errors.New("the issuer has no such key")
	errAlgorithm  = errors.New("the key is not for the algorithm")
	errSignature  = errors.New("the signature does not match")
	errClaims     = errors.New("its claims are not a JSON object with unique names, or a claim has the wrong type")
	errEndless    = errors.New("it does not say when it expires")
	errAudience   = errors.New("it is for another audience")
	errBound      = errors.New("it is bound to a sender")
	errSubject    = errors.New("it has no e-mail address")
	errUnverified = errors.New("its issuer has not verified the e-mail address")
)

// claims holds a token's claims.
type claims struct {
	jwt.Claims
	all map[string]json.RawMessage
}

func readClaims(text []byte) (c claims, err error) {
	if json.Unmarshal(text, &c.Claims) != nil || json.Unmarshal(text, &c.all) != nil {
		return claims{}, errClaims
	}
	return c, nil
}

// text returns a claim that is a string; empty if there is none.
func (c claims) text(name string) string {
	var text string
	_ = json.Unmarshal(c.all[name], &text)
	return text
}

// subject checks claims and returns their e-mail address. A token must have an
// expiry; a start and an issue time are optional.
func (c *Checker) subject(claims claims) (string, error) {
	if claims.Expiry == nil {
		return "", errEndless
	}
	if err := claims.ValidateWithLeeway(jwt.Expected{Issuer: c.config.Issuer, Time: c.config.Now()}, leeway); err != nil {
		return "", err
	}
	address := claims.text(c.config.Claim)
	switch {
	case !c.meant(claims):
		return "", errAudience
	case claims.all["cnf"] != nil:
		return "", errBound
	case address == "":
		return "", errSubject
	case c.config.Claim == DefaultClaim && !c.verified(claims):
		return "", errUnverified
	}
	return address, nil
}

// meant reports whether a token is for the audience, or for the client that
// stands for it. If the token has an audience, the client is ignored.
func (c *Checker) meant(claims claims) bool {
	if c.config.ClientAudience {
		if claims.text("token_use") != "access" {
			return false
		}
		if claims.all["aud"] == nil {
			return claims.text("client_id") == c.config.Audience
		}
	}
	return claims.Audience.Contains(c.config.Audience)
}

// verified reports whether the address in [DefaultClaim] is verified. OpenID
// Connect defines a boolean; Apple documents a string or a boolean, and Cognito
// sends strings too.
func (c *Checker) verified(claims claims) bool {
	says, there := claims.all["email_verified"]
	return string(says) == "true" || string(says) == `"true"` || !there && c.config.VerifiesEmail
}
