package canonical

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// Paging is the part of a page that describes its place in the listing.
type Paging struct {
	NextCursor string `json:"nextCursor,omitzero" doc:"The cursor of the next page. Absent on the last page. A page with a cursor can be short or even empty: continue."`
	Damaged    int    `json:"damaged,omitzero" doc:"How many records are missing from this page because they cannot be read. Absent if none. The function's log names them."`
}

// paging returns the paging of a page; the listing continues at next unless that
// is nil.
func paging[P any](next *P, spell func(P) string, damaged []apikey.Damage) Paging {
	p := Paging{Damaged: len(damaged)}
	if next != nil {
		p.NextCursor = spell(*next)
	}
	return p
}

// ErrCursor is the only error of [ParseCursor].
var ErrCursor = errors.New("canonical: not a cursor of a listing")

// cursorBytes is the size of a creation time in milliseconds (8 bytes) and a
// key's id.
const cursorBytes = 8 + len(uuid.UUID{})

// maxCursorMillis is the last time that RFC 3339 can write. It keeps a forged
// cursor from passing a store a time that it cannot handle.
var maxCursorMillis = uint64(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli())

// Cursor returns a position as opaque text. It needs no protection: a listing
// only shows keys of the caller's organization.
func Cursor(p apikey.Position) string {
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, cursorBytes), uint64(p.CreatedOn.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(raw, p.ID[:]...))
}

// ParseCursor parses what [Cursor] wrote. It returns [ErrCursor] for any other
// text or spelling.
func ParseCursor(text string) (apikey.Position, error) {
	// The decoder skips line breaks, and this length has no spare bits: the text's
	// own length is enough to detect them.
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != cursorBytes || len(text) != base64.RawURLEncoding.EncodedLen(cursorBytes) {
		return apikey.Position{}, ErrCursor
	}
	millis := binary.BigEndian.Uint64(raw)
	id, err := uuid.Parse(uuid.UUID(raw[8:]).String())
	if err != nil || millis > maxCursorMillis {
		return apikey.Position{}, ErrCursor
	}
	return apikey.Position{CreatedOn: time.UnixMilli(int64(millis)).UTC(), ID: id}, nil
}

// IDCursor returns an id as the opaque cursor of a listing by id.
func IDCursor(id uuid.UUID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// ParseIDCursor parses what [IDCursor] wrote. It returns [ErrCursor] for any
// other text or spelling.
func ParseIDCursor(text string) (uuid.UUID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != len(uuid.UUID{}) {
		return uuid.UUID{}, ErrCursor
	}
	id, err := uuid.Parse(uuid.UUID(raw).String())
	if err != nil || IDCursor(id) != text {
		return uuid.UUID{}, ErrCursor
	}
	return id, nil
}

// NameCursor returns a service's id as the opaque cursor of a listing.
func NameCursor(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// ParseNameCursor parses what [NameCursor] wrote. It returns [ErrCursor] for any
// other text or spelling.
func ParseNameCursor(text string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if name := string(raw); err == nil && NameCursor(name) == text && apikey.OrgID(name).Valid() {
		return name, nil
	}
	return "", ErrCursor
}
