package token

import (
	"errors"
	"slices"
	"time"
)

var (
	errMalformed  = errors.New("it is no JWT signed with an algorithm that is taken")
	errCritical   = errors.New("it asks for extensions")
	errType       = errors.New("it is a JWT of another type")
	errKeyID      = errors.New("its key id is no text")
	errNoKey      = errors.New("the issuer has no such key")
	errAlgorithm  = errors.New("the key is not for the algorithm")
	errSignature  = errors.New("its signature is wrong")
	errIssuer     = errors.New("it is another issuer's")
	errAudience   = errors.New("it is for another audience")
	errExpired    = errors.New("it has expired")
	errEarly      = errors.New("it is not valid yet")
	errBound      = errors.New("it is bound to a sender")
	errSubject    = errors.New("it has no e-mail address")
	errUnverified = errors.New("its issuer has not verified the e-mail address")
)

// subject checks claims, and returns the address that they name.
func (c *Checker) subject(claims members) (string, error) {
	if err := inTime(claims, c.config.Now()); err != nil {
		return "", err
	}
	address := claims.text(c.config.Claim)
	switch {
	case claims.text("iss") != c.config.Issuer:
		return "", errIssuer
	case !c.meant(claims):
		return "", errAudience
	case claims["cnf"] != nil:
		return "", errBound
	case address == "":
		return "", errSubject
	case c.config.Claim == DefaultClaim && !c.verified(claims):
		return "", errUnverified
	}
	return address, nil
}

// meant reports whether a token is for the audience, or for the client that stands
// for it. An audience that is there counts, and no client besides.
func (c *Checker) meant(claims members) bool {
	if c.config.ClientAudience {
		if claims.text("token_use") != "access" {
			return false
		}
		if _, there := claims["aud"]; !there {
			return claims.text("client_id") == c.config.Audience
		}
	}
	return slices.Contains(claims.texts("aud"), c.config.Audience)
}

// verified reports whether the address in [DefaultClaim] is verified. OpenID
// Connect has a boolean there; Apple documents that it sends a string or a
// boolean, and Cognito sends strings too.
func (c *Checker) verified(claims members) bool {
	says, there := claims["email_verified"]
	return string(says) == "true" || string(says) == `"true"` || !there && c.config.VerifiesEmail
}

// inTime checks that a token is good now. It must say when it ends; when it
// begins, and when it was made, is its issuer's to say or not.
func inTime(claims members, now time.Time) error {
	ends, err := claims.time("exp")
	if err != nil {
		return err
	}
	if now.Add(-leeway).After(ends) {
		return errExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		if claims[name] == nil {
			continue
		}
		begins, err := claims.time(name)
		if err != nil {
			return err
		}
		if now.Add(leeway).Before(begins) {
			return errEarly
		}
	}
	return nil
}
