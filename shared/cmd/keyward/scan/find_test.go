package scan

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// newKey returns a new key with its text.
func newKey(t testing.TB, prefix string) (keytext.Key, string) {
	t.Helper()
	key, err := keytext.Generate(prefix, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, key.Reveal()
}

type found struct {
	line int
	id   uuid.UUID
}

func findAll(t testing.TB, content io.Reader, size int, prefixes ...string) []found {
	t.Helper()
	var all []found
	if err := find(content, make([]byte, size), prefixes, func(line int, key keytext.Key) bool {
		all = append(all, found{line, key.ID()})
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A key is found wherever it stands in a file, with its line, however the file is
// cut into reads and whatever stands around it.
func TestEveryKeyIsFound(t *testing.T) {
	key, text := newKey(t, "acme_live")
	rapid.Check(t, func(r *rapid.T) {
		around := rapid.StringMatching(`([a-zA-Z0-9 ._\n"=-]|_kw|\x00){0,300}`)
		before, after := around.Draw(r, "before"), around.Draw(r, "after")
		content := before + text + after + text
		lines := 1 + strings.Count(before, "\n")
		want := []found{{lines, key.ID()}, {lines + strings.Count(after, "\n"), key.ID()}}
		reader := io.Reader(strings.NewReader(content))
		if rapid.Bool().Draw(r, "halves") {
			reader = iotest.HalfReader(reader)
		}
		got := findAll(t, reader, rapid.IntRange(keytext.MaxLength+1, 400).Draw(r, "buffer"))
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			r.Fatalf("got %v, want %v", got, want)
		}
	})
}

// The text of a key is found in UTF-16, of either byte order.
func TestKeysInUTF16(t *testing.T) {
	key, text := newKey(t, "kw")
	for _, big := range []bool{false, true} {
		content := []byte{0xff, 0xfe}
		for _, unit := range utf16.Encode([]rune("é\r\nkey: " + text + "\r\n")) {
			pair := []byte{byte(unit), byte(unit >> 8)}
			if big {
				pair[0], pair[1] = pair[1], pair[0]
			}
			content = append(content, pair...)
		}
		if got := findAll(t, bytes.NewReader(content), bufferSize); len(got) != 1 || got[0] != (found{2, key.ID()}) {
			t.Errorf("big-endian %v: got %v", big, got)
		}
	}
}

// What only looks like a key is none: one character is wrong, it is cut off, it is
// redacted, or it has another prefix.
func TestOnlyKeysAreFound(t *testing.T) {
	_, text := newKey(t, "kw")
	wrong := []byte(text)
	wrong[10] ^= 1
	for _, content := range []string{string(wrong), text[:68], text[1:], "kw_" + text[4:], text[:9] + "..." + text[63:], ""} {
		if got := findAll(t, strings.NewReader(content), bufferSize); len(got) != 0 {
			t.Errorf("%d characters: found %v", len(content), got)
		}
	}
	if got := findAll(t, strings.NewReader(text), bufferSize, "pok", "acme"); len(got) != 0 {
		t.Errorf("found with another prefix: %v", got)
	}
	if got := findAll(t, strings.NewReader(text), bufferSize, "pok", "kw"); len(got) != 1 {
		t.Errorf("not found with its prefix: %v", got)
	}
}

// Redact leaves no key in a text, and the rest as it is.
func TestRedact(t *testing.T) {
	key, text := newKey(t, "kw")
	if got := Redact("a " + text + "/" + text + " b"); got != "a "+key.Redacted()+"/"+key.Redacted()+" b" {
		t.Error(got)
	}
}

// Whatever the content, finding ends and holds no more than its buffer.
func FuzzFind(f *testing.F) {
	_, text := newKey(f, "kw")
	f.Add([]byte("a\n"+text), 100)
	f.Add([]byte(strings.Repeat("_", 300)), 90)
	f.Fuzz(func(t *testing.T, content []byte, size int) {
		size = keytext.MaxLength + 1 + max(size, -size)%1000
		small, large := findAll(t, bytes.NewReader(content), max(size, keytext.MaxLength+1)), findAll(t, bytes.NewReader(content), bufferSize)
		if len(small) != len(large) {
			t.Errorf("%v with a small buffer, %v with a large one", small, large)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	content := bytes.Repeat([]byte("func (s *Scanner) find_all(content_type string) error { return nil }\n"), 1<<14)
	buffer := make([]byte, bufferSize)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		_ = find(bytes.NewReader(content), buffer, nil, func(int, keytext.Key) bool { return true })
	}
}
