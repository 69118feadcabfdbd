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
	"github.com/keyward/keyward/shared/cmd/keyward/signin"
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

// The console's configuration fills in what was not passed. It is the deployment's
// own: a redirect to another is not followed.
func TestConsoleNamesTheIssuer(t *testing.T) {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /console/config.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer": "https://issuer.example.com", "clientId": "console", "audience": "api"}`))
	})
	routes.HandleFunc("GET /same/console/config.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer": "https://issuer.example.com", "clientId": "console", "audience": "console"}`))
	})
	routes.Handle("GET /other/console/config.json", http.RedirectHandler("/console/config.json", http.StatusFound))
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	known := signin.Client{Issuer: "https://issuer.example.com", ID: "console", Audience: "api"}
	own := signin.Client{ID: "mine", Audience: "its"}
	for path, c := range map[string]struct{ passed, want signin.Client }{
		"":       {signin.Client{}, known},
		"/same":  {signin.Client{}, signin.Client{Issuer: known.Issuer, ID: known.ID}},
		"/other": {own, own},
	} {
		l := login{issuer: c.passed}
		l.askConsole(t.Context(), server.URL+path)
		if l.issuer.Issuer != c.want.Issuer || l.issuer.ID != c.want.ID || l.issuer.Audience != c.want.Audience {
			t.Errorf("%s: %+v", path, l.issuer)
		}
	}
}
