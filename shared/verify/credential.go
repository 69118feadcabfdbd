package verify

import (
	"strings"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// parseCredential reads a key from the values of the Authorization header, as
// [keytext.FromAuthorization] does. If it has none, code says what is wrong.
func parseCredential(values []string) (key keytext.Key, code Code) {
	if len(values) == 0 {
		return keytext.Key{}, CredentialMissing
	}
	key, err := keytext.FromAuthorization(values)
	if err != nil {
		return keytext.Key{}, CredentialMalformed
	}
	return key, ""
}

// sameASCII compares texts without regard to case, in ASCII only: the equal
// lengths exclude letters of other scripts that fold to ASCII.
func sameASCII(got, want string) bool { return len(got) == len(want) && strings.EqualFold(got, want) }

// ClaimedID returns the id of the key that an Authorization header claims to
// carry; ok is false if it carries none. It does no I/O, and proves nothing.
func ClaimedID(authorization string) (id uuid.UUID, ok bool) {
	key, code := parseCredential([]string{authorization})
	return key.ID(), code == ""
}
