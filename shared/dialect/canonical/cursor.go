package canonical

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Paging is what a page says of the listing that it is a part of.
type Paging struct {
	NextCursor string `json:"nextCursor,omitzero" doc:"The cursor of the next page; absent on the last. A page that has one may be short or even empty: go on."`
	Damaged    int    `json:"damaged,omitzero" doc:"How many records of this page cannot be read and are left out. Absent: none. The function's log names them."`
}

// paging is about a page after which the listing goes on at next, if it does.
func paging[P any](next *P, spell func(P) string, damaged []apikey.Damage) Paging {
	p := Paging{Damaged: len(damaged)}
	if next != nil {
		p.NextCursor = spell(*next)
	}
	return p
}

// ErrCursor is the only error of [ParseCursor].
var ErrCursor = errors.New("canonical: not a cursor of a listing")

// cursorBytes is eight of creation time, in milliseconds, and the key's id.
const cursorBytes = 8 + len(keytext.ID{})

// maxCursorMillis keeps a forged cursor within the years that RFC 3339 can
// write, so that no store meets a time that it cannot.
var maxCursorMillis = uint64(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli())

// Cursor is a position as opaque text. It opens nothing: a listing only ever
// shows keys of the caller's organization.
func Cursor(p apikey.Position) string {
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, cursorBytes), uint64(p.CreatedOn.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(raw, p.ID[:]...))
}

// ParseCursor reads what [Cursor] wrote, in that one spelling. Anything else is
// [ErrCursor].
func ParseCursor(text string) (apikey.Position, error) {
	// This length has no bits to spare, but the decoder skips line ends: only
	// the text's own length shows them.
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != cursorBytes || len(text) != base64.RawURLEncoding.EncodedLen(cursorBytes) {
		return apikey.Position{}, ErrCursor
	}
	millis := binary.BigEndian.Uint64(raw)
	id, err := keytext.ParseID(keytext.ID(raw[8:]).String())
	if err != nil || millis > maxCursorMillis {
		return apikey.Position{}, ErrCursor
	}
	return apikey.Position{CreatedOn: time.UnixMilli(int64(millis)).UTC(), ID: id}, nil
}

// IDCursor is an id as the opaque cursor of a listing by id.
func IDCursor(id keytext.ID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// ParseIDCursor reads what [IDCursor] wrote, in that one spelling. Anything else
// is [ErrCursor].
func ParseIDCursor(text string) (keytext.ID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != len(keytext.ID{}) {
		return keytext.ID{}, ErrCursor
	}
	id, err := keytext.ParseID(keytext.ID(raw).String())
	if err != nil || IDCursor(id) != text {
		return keytext.ID{}, ErrCursor
	}
	return id, nil
}

// NameCursor is a service's id as the opaque cursor of a listing.
func NameCursor(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// ParseNameCursor reads what [NameCursor] wrote, in that one spelling. Anything
// else is [ErrCursor].
func ParseNameCursor(text string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if name := string(raw); err == nil && NameCursor(name) == text && apikey.OrgID(name).Valid() {
		return name, nil
	}
	return "", ErrCursor
}
