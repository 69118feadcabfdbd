package keytext_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/keytext"
)

// An id reads back from its own form, in either case, and from no other.
func TestID(t *testing.T) {
	id, err := keytext.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := id.String()
	if back, err := keytext.ParseID(text); err != nil || back != id {
		t.Fatalf("%q reads as %v, %v", text, back, err)
	}
	if back, err := keytext.ParseID(strings.ToUpper(text)); err != nil || back != id || back.String() != text {
		t.Fatalf("%q reads as %v, %v", strings.ToUpper(text), back, err)
	}
	for name, other := range map[string]string{
		"braces":          "{" + text + "}",
		"no hyphens":      strings.ReplaceAll(text, "-", ""),
		"shifted hyphens": strings.ReplaceAll(text, "-", "")[:4] + "-" + text[5:],
		"short":           text[:35],
		"version 1":       text[:14] + "1" + text[15:],
		"other variant":   text[:19] + "c" + text[20:],
		"not hexadecimal": "g" + text[1:],
		"empty":           "",
	} {
		if _, err := keytext.ParseID(other); !errors.Is(err, keytext.ErrID) {
			t.Errorf("%s: %q is accepted", name, other)
		}
	}
	if (keytext.ID{}).String() != "" || !(keytext.ID{}).IsZero() || id.IsZero() {
		t.Error("the zero id names nothing, and nothing else does")
	}
}
