package supermetrics

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/uuid"
)

// Every id survives writing and parsing, only with its own prefix.
func TestIDsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entropy := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "entropy")
		id, err := uuid.New(strings.NewReader(string(entropy)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseKeyID(KeyID(id)); err != nil || got != id {
			t.Fatalf("%s is read as %s, %v", KeyID(id), got, err)
		}
		if got, err := ParseUserID(UserID(id)); err != nil || got != id {
			t.Fatalf("%s is read as %s, %v", UserID(id), got, err)
		}
		if _, err := ParseUserID(KeyID(id)); err == nil {
			t.Fatal("a key's id names a user")
		}
	})
}

// An id is accepted with digits in either case, and in no other spelling.
func TestIDsHaveOneSpelling(t *testing.T) {
	const digits = "730b0bd3c770450199f8f3adff537051"
	for _, text := range []string{"apk_" + digits, "apk_" + strings.ToUpper(digits)} {
		if id, err := ParseKeyID(text); err != nil || KeyID(id) != "apk_"+digits {
			t.Fatalf("%q is read as %s, %v", text, id, err)
		}
	}
	for _, text := range []string{
		"", "apk_", "apk_1", "usr_" + digits, digits, "APK_" + digits,
		"apk_730b0bd3-c770-4501-99f8-f3adff537051", "apk_" + digits + "0", " apk_" + digits,
		"apk_730b0bd3c770150199f8f3adff537051", "apk_730b0bd3c77045019-f8f3adff537051",
	} {
		if id, err := ParseKeyID(text); err == nil {
			t.Errorf("%q is read as %s", text, id)
		}
	}
	if KeyID(uuid.UUID{}) != "" || UserID(uuid.UUID{}) != "" {
		t.Error("the id that names nothing has a form")
	}
}
