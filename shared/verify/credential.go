package verify

import (
	"encoding/base64"
	"strings"

	"github.com/keyward/keyward/shared/keytext"
)

// maxHeader is the length in bytes of the longest header value that can carry a
// key: "Basic " and the base64 of a key and a colon.
const maxHeader = len("Basic ") + (keytext.MaxLength+1+2)/3*4

// parseCredential reads a key from the values of the Authorization header. It
// does no I/O. There must be exactly one value: a scheme in any case, one
// space, and
//
//	Bearer KEY
//	Basic KEY              the key as it is
//	Basic base64(KEY:)     a user name without a password, as curl --user sends
//
// and nothing else. For anything else, code says what is wrong.
func parseCredential(values []string) (key keytext.Key, code Code) {
	if len(values) == 0 {
		return keytext.Key{}, CredentialMissing
	}
	if len(values) > 1 || len(values[0]) > maxHeader {
		return keytext.Key{}, CredentialMalformed
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	basic := sameASCII(scheme, "Basic")
	if !basic && !sameASCII(scheme, "Bearer") {
		return keytext.Key{}, CredentialMalformed
	}
	key, err := keytext.Parse(text)
	if err != nil && basic {
		key, err = parseBasic(text)
	}
	if err != nil {
		return keytext.Key{}, CredentialMalformed
	}
	return key, ""
}

// sameASCII compares texts without regard to case, in ASCII only: the equal
// lengths exclude letters of other scripts that fold to ASCII.
func sameASCII(got, want string) bool { return len(got) == len(want) && strings.EqualFold(got, want) }

// parseBasic reads base64(KEY:). It refuses line breaks itself, because Go's
// strict decoder skips them.
func parseBasic(text string) (keytext.Key, error) {
	if strings.ContainsAny(text, "\r\n") {
		return keytext.Key{}, keytext.ErrMalformed
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return keytext.Key{}, keytext.ErrMalformed
	}
	name, colon := strings.CutSuffix(string(decoded), ":")
	if !colon {
		return keytext.Key{}, keytext.ErrMalformed
	}
	return keytext.Parse(name)
}

// ClaimedID returns the id of the key that an Authorization header claims to
// carry; ok is false if it carries none. It does no I/O, and proves nothing.
func ClaimedID(authorization string) (id keytext.ID, ok bool) {
	key, code := parseCredential([]string{authorization})
	return key.ID(), code == ""
}
