package keytext

import (
	"encoding/base64"
	"strings"
)

// maxAuthorization is the length in bytes of the longest header value that can
// carry a key: "Basic " and the base64 of a key and a colon.
const maxAuthorization = len("Basic ") + (MaxLength+1+2)/3*4

// FromAuthorization reads a key from the values of the Authorization header. It
// does no I/O. There must be exactly one value: a scheme in any case, one space,
// and
//
//	Bearer KEY
//	Basic KEY              the key as it is
//	Basic base64(KEY:)     a user name without a password, as curl --user sends
//
// and nothing else. Anything else is [ErrMalformed].
func FromAuthorization(values []string) (Key, error) {
	if len(values) != 1 || len(values[0]) > maxAuthorization {
		return Key{}, ErrMalformed
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	basic := isScheme(scheme, "Basic")
	if !basic && !isScheme(scheme, "Bearer") {
		return Key{}, ErrMalformed
	}
	key, err := Parse(text)
	if err != nil && basic {
		return parseBasic(text)
	}
	return key, err
}

// isScheme compares schemes without regard to case, in ASCII only: the equal
// lengths exclude letters of other scripts that fold to ASCII.
func isScheme(got, want string) bool { return len(got) == len(want) && strings.EqualFold(got, want) }

// parseBasic reads base64(KEY:). It refuses line breaks itself, because Go's
// strict decoder skips them.
func parseBasic(text string) (Key, error) {
	if strings.ContainsAny(text, "\r\n") {
		return Key{}, ErrMalformed
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return Key{}, ErrMalformed
	}
	name, colon := strings.CutSuffix(string(decoded), ":")
	if !colon {
		return Key{}, ErrMalformed
	}
	return Parse(name)
}
