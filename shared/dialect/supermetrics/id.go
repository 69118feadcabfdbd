package supermetrics

import (
	"strings"

	"github.com/keyward/keyward/shared/uuid"
)

// The prefixes of ids, which say what the id names.
const (
	keyPrefix  = "apk_"
	userPrefix = "usr_"
)

// KeyID returns a key's id: "apk_" and the 32 digits of its UUID. The zero id
// gives "".
func KeyID(id uuid.UUID) string { return write(keyPrefix, id) }

// UserID returns a user's id: "usr_" and the 32 digits of its UUID. The zero id
// gives "".
func UserID(id uuid.UUID) string { return write(userPrefix, id) }

// ParseKeyID parses what [KeyID] writes, with digits in lower or upper case. It
// returns uuid.ErrParse for any other text.
func ParseKeyID(text string) (uuid.UUID, error) { return read(keyPrefix, text) }

// ParseUserID parses what [UserID] writes, with digits in lower or upper case.
// It returns uuid.ErrParse for any other text.
func ParseUserID(text string) (uuid.UUID, error) { return read(userPrefix, text) }

func write(prefix string, id uuid.UUID) string {
	if id.IsZero() {
		return ""
	}
	return prefix + strings.ReplaceAll(id.String(), "-", "")
}

func read(prefix, text string) (uuid.UUID, error) {
	digits, found := strings.CutPrefix(text, prefix)
	if !found || len(digits) != 32 {
		return uuid.UUID{}, uuid.ErrParse
	}
	return uuid.Parse(strings.Join([]string{
		digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:],
	}, "-"))
}
