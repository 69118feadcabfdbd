package canonical

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// KeyPlace is a place in a list of keys, and the mark of the query that the list
// answers. The zero KeyPlace is the beginning of any list.
type KeyPlace struct {
	apikey.Position
	Query QueryMark
}

// QueryMark distinguishes queries, so that a cursor is not taken for another
// one's.
type QueryMark [8]byte

// MarkOf returns the mark of a query.
func MarkOf(query apikey.KeyQuery) QueryMark {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", fmt.Sprint(query)))
	return QueryMark(sum[:])
}

// keyCursorBytes is the size of a cursor without the value that the list is
// sorted by: a mark, a time and an id.
const keyCursorBytes = len(QueryMark{}) + cursorBytes

// KeyCursor returns a place as opaque text. It needs no protection: a list shows
// only what its caller may see, wherever it begins.
func KeyCursor(place KeyPlace) string {
	raw := binary.BigEndian.AppendUint64(place.Query[:], uint64(place.CreatedOn.UnixMilli()))
	raw = append(append(raw, place.ID[:]...), place.Value...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParseKeyCursor parses what [KeyCursor] wrote. It returns [ErrCursor] for any
// other text or spelling.
func ParseKeyCursor(text string) (KeyPlace, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < keyCursorBytes || len(raw) > keyCursorBytes+apikey.MaxSortValue || !utf8.Valid(raw[keyCursorBytes:]) {
		return KeyPlace{}, ErrCursor
	}
	mark, rest := QueryMark(raw), raw[len(QueryMark{}):]
	millis := binary.BigEndian.Uint64(rest)
	if millis > maxCursorMillis {
		return KeyPlace{}, ErrCursor
	}
	at := apikey.Position{CreatedOn: time.UnixMilli(int64(millis)).UTC(), ID: uuid.UUID(rest[8:]), Value: string(rest[cursorBytes:])}
	place := KeyPlace{at, mark}
	if KeyCursor(place) != text {
		return KeyPlace{}, ErrCursor
	}
	return place, nil
}
