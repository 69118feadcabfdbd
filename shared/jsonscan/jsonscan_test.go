package jsonscan

import (
	"encoding/json"
	"testing"
)

// A string is read as encoding/json reads it, as bytes and as text. It is a part of
// what was read, unless it has escapes or is not UTF-8.
func TestStrings(t *testing.T) {
	for _, quoted := range []string{
		`""`, `"plain"`, `"caf\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ude00\u0041"`, `"\ud83dx\n"`, `"\\u0041"`,
		`"\"\\\/\b\f\n\r\t"`, `"\u00Ff\uABCD"`, "\"caf\xc3\xa9\"", "\"\xff\xc3\"", "\"\xed\xa0\x80\"",
	} {
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil {
			t.Fatal(quoted, err)
		}
		bytes, text := New([]byte(quoted)), Copy([]byte(quoted))
		if got := string(bytes.Bytes()); got != want || !bytes.Ended() {
			t.Errorf("%s: the bytes are %q, want %q", quoted, got, want)
		}
		if got := text.Text(); got != want || !text.Ended() {
			t.Errorf("%s: the text is %q, want %q", quoted, got, want)
		}
	}
}
