package keytext

import (
	"encoding/hex"
	"errors"
	"io"
)

// ID is a random UUID (RFC 9562, version 4): the public id of a key, user,
// policy, request or audit record. The zero ID names nothing.
type ID [16]byte

// ErrID is the only error of [ParseID].
var ErrID = errors.New("keytext: an id is a version 4 UUID")

// NewID returns a new id from entropy. Its only errors are entropy's.
func NewID(entropy io.Reader) (ID, error) {
	var id ID
	if _, err := io.ReadFull(entropy, id[:]); err != nil {
		return ID{}, err
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}

// ParseID reads an id as [ID.String] writes it, with hyphens, and with digits
// in lower or upper case (RFC 9562). For anything else it returns [ErrID].
func ParseID(text string) (ID, error) {
	var id ID
	if len(text) != 36 {
		return ID{}, ErrID
	}
	var digits [32]byte
	n := 0
	for i := range len(text) {
		c := text[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return ID{}, ErrID
			}
			continue
		}
		digits[n] = c
		n++
	}
	if _, err := hex.Decode(id[:], digits[:]); err != nil || !id.isUUIDv4() {
		return ID{}, ErrID
	}
	return id, nil
}

// String returns the id as a UUID: 36 characters, lower case. For the zero ID
// it returns "".
func (id ID) String() string {
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
func (id ID) IsZero() bool { return id == ID{} }

func (id ID) isUUIDv4() bool { return id[6]>>4 == 4 && id[8]>>6 == 2 }
