// Package uuid makes, reads and writes the ids of keys, users, policies, requests and
// audit records: random UUIDs (RFC 9562, version 4).
package uuid

import (
	"encoding/hex"
	"errors"
	"io"
)

// UUID is a random UUID. It is public. The zero UUID names nothing.
type UUID [16]byte

// ErrParse is the only error of [Parse].
var ErrParse = errors.New("uuid: an id is a version 4 UUID")

// New returns a new UUID from entropy. Its only errors are entropy's.
func New(entropy io.Reader) (UUID, error) {
	var id UUID
	if _, err := io.ReadFull(entropy, id[:]); err != nil {
		return UUID{}, err
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}

// Parse reads a UUID as [UUID.String] writes it, with hyphens, and with digits in
// lower or upper case (RFC 9562). For anything else it returns [ErrParse].
func Parse(text string) (UUID, error) {
	var id UUID
	if len(text) != 36 {
		return UUID{}, ErrParse
	}
	var digits [32]byte
	n := 0
	for i := range len(text) {
		c := text[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return UUID{}, ErrParse
			}
			continue
		}
		digits[n] = c
		n++
	}
	if _, err := hex.Decode(id[:], digits[:]); err != nil || !id.IsV4() {
		return UUID{}, ErrParse
	}
	return id, nil
}

// String returns the UUID in 36 characters, lower case. For the zero UUID
// it returns "".
func (id UUID) String() string {
	if id.IsZero() {
		return ""
	}
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], id[10:16])
	return string(text[:])
}

// IsZero reports whether the id names nothing.
func (id UUID) IsZero() bool { return id == UUID{} }

// IsV4 reports whether the version and the variant are those of a random UUID.
func (id UUID) IsV4() bool { return id[6]>>4 == 4 && id[8]>>6 == 2 }
