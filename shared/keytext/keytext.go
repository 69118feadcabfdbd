// Package keytext defines the text of an API key: how it is generated, parsed,
// checked and shown.
//
// A key is PREFIX, an underscore and 66 characters of [0-9A-Za-z]: 22 for the key's
// id (a UUIDv4), 38 of secret (224 bits), and 6 of CRC-32 over everything
// before them. The checksum is public. It filters typing errors and junk
// before any I/O; it authenticates nothing.
//
// Every key has exactly one spelling: for each text that [Parse] accepts,
// [Key.Reveal] gives that text back, byte for byte.
package keytext

import (
	"errors"
	"hash/crc32"
	"io"

	"github.com/keyward/keyward/shared/uuid"
)

const (
	idChars       = 22
	secretChars   = 38
	checksumChars = 6
	bodyChars     = idChars + secretChars + checksumChars

	// SecretBytes is the length of a key's secret: 224 bits.
	SecretBytes = 28

	minPrefix = 2
	maxPrefix = 16

	// MaxLength is the length in bytes of the longest key text.
	MaxLength = maxPrefix + 1 + bodyChars
	minLength = minPrefix + 1 + bodyChars
)

// ErrMalformed is the only error of [Parse]: the text is not that of a key. It
// does not say why, because the answer to a bad credential must not say why
// either.
var ErrMalformed = errors.New("keytext: not the text of an API key")

// ErrPrefix reports an invalid prefix: see [ValidPrefix].
var ErrPrefix = errors.New("keytext: a prefix is 2 to 16 characters of a-z and 0-9, starts with a letter, and may contain one underscore, but not as the last character")

// Key is a whole API key, including its secret. Printing, encoding or logging
// it gives the redacted form; only [Key.Reveal] returns the text that
// authenticates. The zero Key has no text.
type Key struct {
	prefix string
	id     uuid.UUID
	// secret is a function because fmt prints unexported fields of a struct
	// without calling their methods, and for some verbs follows pointers. Of a
	// function it can print only an address.
	secret func() [SecretBytes]byte
}

// Generate returns a key with a new id and secret from entropy, which must be
// cryptographically secure. It fails with [ErrPrefix] or with entropy's own
// error.
func Generate(prefix string, entropy io.Reader) (Key, error) {
	if !ValidPrefix(prefix) {
		return Key{}, ErrPrefix
	}
	id, err := uuid.New(entropy)
	if err != nil {
		return Key{}, err
	}
	return Renew(id, prefix, entropy)
}

// Renew does what [Generate] does, for a key that has an id and gets a new secret.
func Renew(id uuid.UUID, prefix string, entropy io.Reader) (Key, error) {
	if !ValidPrefix(prefix) {
		return Key{}, ErrPrefix
	}
	var secret [SecretBytes]byte
	if _, err := io.ReadFull(entropy, secret[:]); err != nil {
		return Key{}, err
	}
	return newKey(prefix, id, secret), nil
}

// Parse reads a key's text. It does no I/O. Every refusal is [ErrMalformed] and
// allocates nothing.
func Parse(text string) (Key, error) {
	if len(text) < minLength || len(text) > MaxLength {
		return Key{}, ErrMalformed
	}
	body := len(text) - bodyChars
	prefix, id, secret := text[:body-1], text[body:body+idChars], text[body+idChars:len(text)-checksumChars]
	if text[body-1] != '_' || !ValidPrefix(prefix) {
		return Key{}, ErrMalformed
	}
	var sum [checksumChars]byte
	appendChecksum(sum[:0], text[:len(text)-checksumChars])
	if string(sum[:]) != text[len(text)-checksumChars:] {
		return Key{}, ErrMalformed
	}
	var (
		idNumber     uuid.UUID
		secretNumber [SecretBytes]byte
	)
	if !decodeBase62(idNumber[:], id) || !idNumber.IsV4() || !decodeBase62(secretNumber[:], secret) {
		return Key{}, ErrMalformed
	}
	return newKey(prefix, idNumber, secretNumber), nil
}

func newKey(prefix string, id uuid.UUID, secret [SecretBytes]byte) Key {
	return Key{prefix, id, func() [SecretBytes]byte { return secret }}
}

// ValidPrefix reports whether prefix is 2 to 16 characters of a-z and 0-9 that
// start with a letter. It may contain one underscore, but not as the first or last
// character.
func ValidPrefix(prefix string) bool {
	if len(prefix) < minPrefix || len(prefix) > maxPrefix {
		return false
	}
	underscores := 0
	for i := range len(prefix) {
		switch c := prefix[i]; {
		case 'a' <= c && c <= 'z':
		case i == 0:
			return false
		case '0' <= c && c <= '9':
		case c == '_' && i < len(prefix)-1 && underscores == 0:
			underscores++
		default:
			return false
		}
	}
	return true
}

// ID returns the key's public id. It identifies the key but does not
// authenticate.
func (k Key) ID() uuid.UUID { return k.id }

// Prefix returns the text before the last underscore, such as "kw".
func (k Key) Prefix() string { return k.prefix }

// Secret returns the part that authenticates, for computing a digest. Callers
// must not keep, log or send it.
func (k Key) Secret() [SecretBytes]byte { return k.secret() }

// Reveal returns the whole text, which authenticates. It is for the one answer
// that hands the key to its owner. For the zero Key it returns "".
func (k Key) Reveal() string {
	if k.secret == nil {
		return ""
	}
	text := make([]byte, 0, MaxLength)
	text = append(text, k.prefix...)
	text = append(text, '_')
	text = appendBase62(text, k.id[:], idChars)
	secret := k.secret()
	text = appendBase62(text, secret[:], secretChars)
	return string(appendChecksum(text, string(text)))
}

// appendChecksum appends the CRC-32 (IEEE 802.3) of text. It reads the string
// in place: hash/crc32's own functions would make a copy escape to the heap.
func appendChecksum(dst []byte, text string) []byte {
	crc := ^uint32(0)
	for i := range len(text) {
		crc = crc32.IEEETable[byte(crc)^text[i]] ^ crc>>8
	}
	crc = ^crc
	return appendBase62(dst, []byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)}, checksumChars)
}
