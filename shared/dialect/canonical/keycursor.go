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

// KeyPlace is a place in a list of keys, and the digest of the query that the list
// answers. The zero KeyPlace is the beginning of any list.
type KeyPlace struct {
	apikey.Position
	Query QueryDigest
}

// QueryDigest distinguishes queries, so that a cursor is not taken for another
// one's.
type QueryDigest [8]byte

// DigestOf returns the digest of a query.
func DigestOf(query apikey.KeyQuery) QueryDigest {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", fmt.Sprint(query)))
	return QueryDigest(sum[:])
}

// keyCursorBytes is the size of a cursor without the value that the list is
// sorted by: a digest, a time and an id.
const keyCursorBytes = len(QueryDigest{}) + cursorBytes

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
	digest, rest := QueryDigest(raw), raw[len(QueryDigest{}):]
	millis := binary.BigEndian.Uint64(rest)
	if millis > maxCursorMillis {
		return KeyPlace{}, ErrCursor
	}
	at := apikey.Position{CreatedOn: time.UnixMilli(int64(millis)).UTC(), ID: uuid.UUID(rest[8:]), Value: string(rest[cursorBytes:])}
	place := KeyPlace{at, digest}
	if KeyCursor(place) != text {
		return KeyPlace{}, ErrCursor
	}
	return place, nil
}
