package prompt

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/keytext"
)

// Only the text of a whole key, alone in its line, is taken; what is refused is not
// repeated.
func TestKeys(t *testing.T) {
	made, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := made.Reveal()
	for input, want := range map[string]int{
		key: 1, key + "\n": 1, key + "\r\n": 1, key + "\n" + key + "\n\n": 2,
		"": 0, "\n": 0, " " + key: 0, key + " ": 0, key[:30] + "\n" + key[30:]: 0, key[1:]: 0, key + "\x00": 0,
		strings.Repeat(key+"\n", 3): 0, strings.Repeat("x", 1<<17): 0,
	} {
		var told bytes.Buffer
		got, err := Terminal{In: strings.NewReader(input), Err: &told}.Keys("Key", 2)
		if len(got) != want && err == nil || (err == nil) != (want > 0) {
			t.Errorf("%d characters: %d keys, %v; want %d", len(input), len(got), err, want)
		}
		if err == nil {
			continue
		}
		if code, ok := failure.Code(err); !ok || code != failure.Usage {
			t.Errorf("%v has the code %d", err, code)
		}
		if strings.Contains(err.Error()+told.String(), key[10:20]) {
			t.Error("the key shows")
		}
	}
}

// Without a terminal nothing is done that asks, unless the answer was given.
func TestConfirm(t *testing.T) {
	asked := Terminal{In: strings.NewReader("y\n"), Err: &bytes.Buffer{}}
	if err := asked.Confirm(true, "?"); err != nil {
		t.Error(err)
	}
	if code, _ := failure.Code(asked.Confirm(false, "?")); code != failure.Usage {
		t.Error("a pipe answers the question")
	}
}
