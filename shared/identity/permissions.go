package identity

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/permission"
)

const (
	// MaxPlain is the maximum length in bytes of permissions written as plain
	// names: about twenty to eighty names. Longer texts are compact.
	MaxPlain = 1024
	// MaxText is the maximum length of any text: that of 500 permissions, the most
	// that a service can declare. With the rest of the authorizer's answer, it
	// stays far below the limits of API Gateway: 8 kB for a WebSocket API, and
	// 10,240 bytes of headers for an integration.
	MaxText = 1 + (500*permission.MarkSize*8+5)/6

	// compactMark starts a compact text. No name starts with it.
	compactMark = '#'
)

// Permissions is the set of a caller's permissions. It can be queried but not
// listed, because the compact form does not hold names. The zero value is empty.
type Permissions struct {
	names []string
	// marks holds the marks of all names, concatenated. It is used if names is nil.
	marks []byte
}

// Parse parses the permissions in the context. An integration that maps them to
// a header receives only this text. Its error is an [ErrContext].
func Parse(text string) (Permissions, error) {
	if text == "" {
		return Permissions{}, nil
	}
	if text[0] != compactMark {
		names := strings.Split(text, " ")
		if !slices.ContainsFunc(names, malformed) {
			return Permissions{names: names}, nil
		}
		return Permissions{}, fault("has malformed permissions")
	}
	text = text[1:]
	marks, err := base64.RawURLEncoding.Strict().DecodeString(text)
	// The decoder skips line breaks; only the length reveals them.
	if err != nil || len(marks) == 0 || len(marks)%permission.MarkSize != 0 || base64.RawURLEncoding.EncodedLen(len(marks)) != len(text) {
		return Permissions{}, fault("has malformed permissions")
	}
	return Permissions{marks: marks}, nil
}

// malformed reports whether a name has a form that no permission has. Every
// format of the text that this package does not know has such a form.
func malformed(name string) bool {
	return name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("_.:-", r)
	})
}

// Has reports whether the permission is held. If no service of the organization
// declares it, a compact text is wrong less than once in 10^9 queries.
func (p Permissions) Has(name string) bool {
	if len(p.marks) == 0 {
		return slices.Contains(p.names, name)
	}
	mark := permission.MarkOf(name)
	for marks := range slices.Chunk(p.marks, permission.MarkSize) {
		if bytes.Equal(marks, mark[:]) {
			return true
		}
	}
	return false
}

// IsCompact reports whether the names are too long to be written in full. They
// must be sorted and unique.
func IsCompact(names []string) bool {
	length := len(names) - 1
	for _, name := range names {
		length += len(name)
	}
	return length > MaxPlain
}

// Append appends permissions to into as the authorizer writes them: names
// separated by spaces. If [IsCompact], it writes "#" and, in unpadded base64url,
// the first 5 bytes of each name's SHA-256.
func Append(into []byte, names []string) []byte {
	if !IsCompact(names) {
		for i, name := range names {
			if i > 0 {
				into = append(into, ' ')
			}
			into = append(into, name...)
		}
		return into
	}
	marks := make([]byte, 0, permission.MarkSize*len(names))
	for _, name := range names {
		mark := permission.MarkOf(name)
		marks = append(marks, mark[:]...)
	}
	return base64.RawURLEncoding.AppendEncode(append(into, compactMark), marks)
}
