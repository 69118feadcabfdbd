package canonical_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/uuid"
)

// Every position survives its cursor, and no other text gives it back.
func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id uuid.UUID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
		millis := rapid.Int64Range(0, 253402300799999).Draw(t, "millis")
		want := apikey.Position{CreatedOn: time.UnixMilli(millis).UTC(), ID: id}
		got, err := canonical.ParseCursor(canonical.Cursor(want))
		if err != nil || got != want {
			t.Fatalf("%v became %v, %v", want, got, err)
		}
	})
}

// Any other text is refused as a cursor. What is accepted has the only valid
// spelling.
func TestCursorIsStrict(t *testing.T) {
	good := canonical.Cursor(apikey.Position{CreatedOn: time.UnixMilli(1).UTC(), ID: uuid.UUID{6: 0x40, 8: 0x80}})
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) string {
		other := append([]byte(nil), raw...)
		other[at] = to
		return base64.RawURLEncoding.EncodeToString(other)
	}
	for _, text := range []string{
		"", "x", good + "=", good + "A", good[1:], good[:8] + "\n" + good[8:], good[:31] + "\n", good[:31] + "!", "+" + good[1:],
		changed(0, 1), changed(0, 0xff), changed(8+6, 0x10), changed(8+8, 0),
	} {
		if p, err := canonical.ParseCursor(text); !errors.Is(err, canonical.ErrCursor) || p != (apikey.Position{}) {
			t.Errorf("%q gave %v, %v", text, p, err)
		}
	}
}

// No text makes the parser panic, and what it accepts has the only valid
// spelling.
func FuzzParseCursor(f *testing.F) {
	f.Add(canonical.Cursor(apikey.Position{CreatedOn: time.UnixMilli(1).UTC(), ID: uuid.UUID{6: 0x40, 8: 0x80}}))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := canonical.ParseCursor(text); err == nil && canonical.Cursor(p) != text {
			t.Errorf("%q is also spelt %q", text, canonical.Cursor(p))
		}
	})
}

// Cursors by id or name give back their value, and have only one valid spelling.
func TestCursorsByIDAndName(t *testing.T) {
	want := uuid.UUID{6: 0x40, 8: 0x80}
	good := canonical.IDCursor(want)
	if got, err := canonical.ParseIDCursor(good); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "x", good + "=", good + "A", good[1:], good[:8] + "\n" + good[8:], canonical.IDCursor(uuid.UUID{1}), good[:21] + "B"} {
		if got, err := canonical.ParseIDCursor(text); !errors.Is(err, canonical.ErrCursor) || got != (uuid.UUID{}) {
			t.Errorf("%q gave %v, %v", text, got, err)
		}
	}
	name := canonical.NameCursor("files-2")
	if got, err := canonical.ParseNameCursor(name); err != nil || got != "files-2" {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", "files-2", name + "\n", name + "=", canonical.NameCursor("Files"), canonical.NameCursor("a\x00b"), name[:9] + "J"} {
		if got, err := canonical.ParseNameCursor(text); !errors.Is(err, canonical.ErrCursor) || got != "" {
			t.Errorf("%q gave %q, %v", text, got, err)
		}
	}
}
