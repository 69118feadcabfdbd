package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

const (
	// MaxPlain is the length in bytes of the longest text of plain names: some
	// twenty to eighty of them. What is longer is compact.
	MaxPlain = 1024
	// MaxText is the length of the longest text at all, that of 500 permissions:
	// a service declares no more. With what else the authorizer answers it stays
	// far below the 8 kB that a WebSocket API takes, and the 10,240 bytes of
	// headers that an integration does.
	MaxText = 1 + (500*markSize*8+5)/6

	// compactMark begins a compact text. No name begins so.
	compactMark = '#'
	// markSize is how many bytes of its SHA-256 stand for a name. A service with
	// two names that share them is refused when it is registered, so what is
	// asked of a declared permission has an exact answer.
	markSize = 5
)

// Permissions are the permissions of a caller. They can be asked for and not
// listed: the compact form does not hold their names. The zero value holds
// none.
type Permissions struct {
	names []string
	// marks are those of all names, without anything between; used where names
	// is nil.
	marks []byte
}

// Parse reads the text of the context's permissions, which is all that an
// integration gets that maps it to a header. Its error is an [ErrContext].
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
	// The decoder passes over line breaks: the length tells.
	if err != nil || len(marks) == 0 || len(marks)%markSize != 0 || base64.RawURLEncoding.EncodedLen(len(marks)) != len(text) {
		return Permissions{}, fault("has malformed permissions")
	}
	return Permissions{marks: marks}, nil
}

// malformed reports whether a name has a form that no permission's has. So is
// every form of the text that this package does not know.
func malformed(name string) bool {
	return name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("_.:-", r)
	})
}

// Has reports whether the permission is held. For one that no service of the
// organization declares, a compact text says yes by chance less than once in
// 10^9 times.
func (p Permissions) Has(permission string) bool {
	if len(p.marks) == 0 {
		return slices.Contains(p.names, permission)
	}
	mark := markOf(permission)
	for marks := range slices.Chunk(p.marks, markSize) {
		if bytes.Equal(marks, mark[:]) {
			return true
		}
	}
	return false
}

// IsCompact reports whether the names, sorted and each once, are too long to be
// written as they are.
func IsCompact(names []string) bool {
	length := len(names) - 1
	for _, name := range names {
		length += len(name)
	}
	return length > MaxPlain
}

// Append writes permissions as the authorizer does: their names with spaces
// between, or, where [IsCompact], a "#" and in unpadded base64url the first 5
// bytes of the SHA-256 of each name.
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
	marks := make([]byte, 0, markSize*len(names))
	for _, name := range names {
		mark := markOf(name)
		marks = append(marks, mark[:]...)
	}
	return base64.RawURLEncoding.AppendEncode(append(into, compactMark), marks)
}

func markOf(name string) [markSize]byte {
	sum := sha256.Sum256([]byte(name))
	return [markSize]byte(sum[:])
}
