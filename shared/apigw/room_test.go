package apigw

import (
	"encoding/json"
	"strings"
	"testing"
)

// room counts exactly what the Lambda library writes for a string. No character
// of a record takes more than four times its bytes, except control characters,
// of which no record has many.
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

// A body is refused from the first byte over Lambda's limit.
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
