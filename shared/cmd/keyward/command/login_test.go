package command

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
	"github.com/keyward/keyward/shared/keytext"
)

// A new sign-in leaves no credential of the one before in the keyring.
func TestLoginMovesTheCredential(t *testing.T) {
	keyring.MockInit()
	accepting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"orgId": "demo", "name": "CI"}`))
	}))
	t.Cleanup(accepting.Close)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, keeper := range []profile.Keeper{profile.Keyring, profile.File} {
		t.Setenv(profile.EnvKeeper, string(keeper))
		var out, told bytes.Buffer
		if code := Run(t.Context(), []string{"login", "-", "--url", accepting.URL}, strings.NewReader(key.Reveal()), &out, &told); code != failure.OK {
			t.Fatal(code, told.String())
		}
		if _, err := keyring.Get("keyward", profile.Default); (err == nil) != (keeper == profile.Keyring) {
			t.Errorf("kept in the %s: the keyring: %v", keeper, err)
		}
	}
}
