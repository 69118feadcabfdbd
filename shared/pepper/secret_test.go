package pepper

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// An unwrapped pepper prints only its version, in every form, and its bytes are
// overwritten as soon as the hash is keyed.
func TestSecretRedacts(t *testing.T) {
	plaintext := []byte("CANARYCANARYCANARYCANARYCANARY!!")
	s := newSecret(apikey.Pepper{Version: 7}, plaintext, time.Now())
	if strings.Trim(string(plaintext), "\x00") != "" {
		t.Error("the plaintext is still there")
	}
	s.digest([]byte("x"))
	var text strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&text, verb+"\n", s)
	}
	slog.New(slog.NewJSONHandler(&text, nil)).Info("secret", "secret", s)
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	text.Write(encoded)
	if got := strings.Count(text.String(), "pepper 7 (redacted)"); got != 9 {
		t.Errorf("redacted %d times, want 9: %s", got, text.String())
	}
	for _, line := range strings.Split(text.String(), "\n")[:7] {
		if line != "pepper 7 (redacted)" {
			t.Errorf("printed %q", line)
		}
	}
}
