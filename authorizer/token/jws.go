package token

import (
	"slices"
	"strings"
)

// The algorithms that a token can be signed with. None of them has a secret that
// this side would know.
const (
	rs256 = "RS256"
	es256 = "ES256"
	edDSA = "EdDSA"
)

// signed is a token as it says it is. Nothing of it is verified.
type signed struct {
	// keyID is empty where the token names no key.
	keyID, algorithm string
	claims           members
	// text is what was signed.
	text      string
	signature []byte
}

// parse reads a token's form and header.
func parse(text string) (signed, error) {
	if len(text) > MaxBytes || strings.Count(text, ".") != 2 {
		return signed{}, errMalformed
	}
	parts := strings.Split(text, ".")
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = decode(part); err != nil {
			return signed{}, errMalformed
		}
	}
	header, headerErr := readMembers(decoded[0])
	claims, claimsErr := readMembers(decoded[1])
	if headerErr != nil || claimsErr != nil {
		return signed{}, errMalformed
	}
	s := signed{header.text("kid"), header.text("alg"), claims, parts[0] + "." + parts[1], decoded[2]}
	switch {
	case !slices.Contains([]string{rs256, es256, edDSA}, s.algorithm):
		return signed{}, errMalformed
	case header["crit"] != nil:
		return signed{}, errCritical
	case header["typ"] != nil && !isAccessToken(header.text("typ")):
		return signed{}, errType
	case header["kid"] != nil && s.keyID == "":
		return signed{}, errKeyID
	}
	return s, nil
}

// isAccessToken reports whether a JWT of that type can be an access token. Many
// issuers say no more than JWT, or nothing; other kinds of JWT, such as a logout
// token, say what they are.
func isAccessToken(kind string) bool {
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	return kind == "jwt" || kind == "at+jwt"
}

// verify checks the signature with that one of the key id's keys which is for the
// token's algorithm. A token without a key id is held against the only key of the
// set: OpenID Connect Core 10.1 asks for an id where there are several.
func (s signed) verify(set keySet) error {
	keys := set[s.keyID]
	if s.keyID == "" {
		keys = set.only()
	}
	i := slices.IndexFunc(keys, func(k key) bool { return k.algorithm == s.algorithm })
	switch {
	case len(keys) == 0:
		return errNoKey
	case i < 0:
		return errAlgorithm
	case !keys[i].verify([]byte(s.text), s.signature):
		return errSignature
	}
	return nil
}
