package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// JSON shows a key's text; printing or logging a value that contains it does
// not.
func TestSecretIsShownByJSONAlone(t *testing.T) {
	const text = "kw_canary"
	type holder struct{ Value *Secret }
	secret := Secret(text)
	held := holder{&secret}
	if wire, err := json.Marshal(held); err != nil || !strings.Contains(string(wire), text) {
		t.Errorf("JSON: %s, %v", wire, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", secret)
	for _, format := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, format, secret)
		fmt.Fprintf(&log, format, *held.Value)
	}
	if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "63616e617279") {
		t.Errorf("printed: %s", log.String())
	}
}
