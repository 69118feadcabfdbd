package uuid_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/uuid"
)

// An id reads back from its own form, in either case, and from no other.
func TestID(t *testing.T) {
	id, err := uuid.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := id.String()
	if back, err := uuid.Parse(text); err != nil || back != id {
		t.Fatalf("%q reads as %v, %v", text, back, err)
	}
	if back, err := uuid.Parse(strings.ToUpper(text)); err != nil || back != id || back.String() != text {
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
		if _, err := uuid.Parse(other); !errors.Is(err, uuid.ErrParse) {
			t.Errorf("%s: %q is accepted", name, other)
		}
	}
	if (uuid.UUID{}).String() != "" || !(uuid.UUID{}).IsZero() || id.IsZero() {
		t.Error("the zero id names nothing, and nothing else does")
	}
}
