package token

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// algorithms lists the algorithms that a token can be signed with. None of them
// requires the verifier to hold a secret.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}

// signed is a parsed token. Nothing of it is verified.
type signed struct {
	jws *jose.JSONWebSignature
	// keyID is empty if the token names no key.
	keyID, algorithm string
	claims           []byte
}

// parse parses a token's form and header. It refuses what the library would
// accept: a second base64url spelling of a part, claims that are not UTF-8, any
// critical extension, JWTs of another type, and invalid key ids. Its errors
// contain no part of the token; the library's can.
func parse(text string) (signed, error) {
	if len(text) > MaxBytes {
		return signed{}, errMalformed
	}
	jws, err := jose.ParseSignedCompact(text, algorithms)
	if err != nil {
		return signed{}, errMalformed
	}
	var parts [][]byte
	for part := range strings.SplitSeq(text, ".") {
		decoded, err := decode(part)
		if err != nil {
			return signed{}, errMalformed
		}
		parts = append(parts, decoded)
	}
	var names map[string]json.RawMessage
	if err := json.Unmarshal(parts[0], &names); err != nil || !utf8.Valid(parts[0]) || !utf8.Valid(parts[1]) {
		return signed{}, errMalformed
	}
	header := jws.Signatures[0].Protected
	kind, _ := header.ExtraHeaders[jose.HeaderType].(string)
	switch {
	case names["crit"] != nil:
		return signed{}, errCritical
	case names["typ"] != nil && !isAccessToken(kind):
		return signed{}, errType
	case names["kid"] != nil && header.KeyID == "":
		return signed{}, errKeyID
	}
	return signed{jws, header.KeyID, header.Algorithm, parts[1]}, nil
}

// isAccessToken reports whether a JWT of that type can be an access token. Many
// issuers write just JWT, or nothing; other kinds of JWT, such as a logout
// token, name their kind.
func isAccessToken(kind string) bool {
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	return kind == "jwt" || kind == "at+jwt"
}

// verify checks the signature with the keys that have the token's key id and
// algorithm. A token without a key id is checked with the set's only key: OpenID
// Connect Core 10.1 requires an id if there are several.
func (s signed) verify(set keySet) error {
	keys := set[s.keyID]
	if s.keyID == "" {
		keys = set.only()
	}
	i := slices.IndexFunc(keys, func(k jose.JSONWebKey) bool { return k.Algorithm == s.algorithm })
	if len(keys) == 0 {
		return errNoKey
	}
	if i < 0 {
		return errAlgorithm
	}
	if _, err := s.jws.Verify(keys[i]); err != nil {
		return errSignature
	}
	return nil
}

// decode decodes base64url as RFC 7515 defines it: no padding, and one spelling
// for each value. Go's strict decoder still ignores line breaks.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errMalformed
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
