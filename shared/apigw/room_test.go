package apigw

import (
	"encoding/json"
	"strings"
	"testing"
)

// The room that a body takes up is counted exactly as the library for Lambda
// writes a string, and no character of a record takes more than four bytes for
// each of its own, but for control characters, which no record has many of.
func TestRoomIsExact(t *testing.T) {
	for value, most := range map[string]int{
		"plain": 1, `"`: 4, `\`: 4, "<&>": 1, "é€😀": 1, "\u2028\u2029": 2, "\x7f": 1, "/": 1, "\n\t": 3, "\x01\x1f": 7,
	} {
		value = strings.Repeat(value, 1000)
		body, err := encode(map[string]string{"name": value})
		if err != nil {
			t.Fatal(err)
		}
		var given strings.Builder
		encoder := json.NewEncoder(&given)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil {
			t.Fatal(err)
		}
		if got, want := room(body), given.Len()-len("\n"); got != want || want > most*len(value)+100 {
			t.Errorf("%.10q: %d, takes %d, for %d bytes of the record", value, got, want, len(value))
		}
	}
}

// A body is refused from the first byte on for which Lambda has no room.
func TestFits(t *testing.T) {
	for size, want := range map[int]bool{0: true, maxAnswer - 2: true, maxAnswer - 1: false, 7 << 20: false} {
		if err := fits(strings.Repeat("a", size)); (err == nil) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if fits(strings.Repeat(`"`, maxAnswer/2)) == nil {
		t.Error("what is escaped is not counted")
	}
}
