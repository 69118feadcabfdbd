package command

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
	"github.com/keyward/keyward/shared/keytext"
)

// asked runs the command line with a key and a URL in the environment, and returns
// its code and the line that it told.
func asked(t *testing.T, address string, args ...string) (code int, line string) {
	t.Helper()
	t.Setenv(envURL, address)
	return askedWith(t.Context(), t, args...)
}

func askedWith(ctx context.Context, t *testing.T, args ...string) (code int, line string) {
	t.Helper()
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv(envKey, key.Reveal())
	var out, told bytes.Buffer
	code = Run(ctx, args, strings.NewReader(""), &out, &told)
	if strings.Contains(out.String()+told.String(), key.Reveal()) {
		t.Error("the key was printed")
	}
	return code, told.String()
}

// An outage of the network is one line that says what is wrong and what to do.
func TestUnreachable(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{"))
	}))
	t.Cleanup(broken.Close)
	for address, want := range map[string]string{
		gone.URL:   "nothing listens at " + strings.TrimPrefix(gone.URL, "http://") + ": check the port",
		broken.URL: "the connection to the API broke off: try again",
	} {
		code, line := asked(t, address, "whoami")
		if code != failure.Outage || !strings.HasPrefix(line, "keyward: "+want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%d: %s", code, line)
		}
	}
}

// What is wrong with a command line is one line with what to do, and nothing is sent.
func TestMisuse(t *testing.T) {
	called := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }))
	t.Cleanup(called.Close)
	body := strings.Repeat("4WpwtQTEeQDrc49ZMJzP1u", 3)
	for want, args := range map[string][]string{
		"keyward: pass the files and folders to search":                 {"scan"},
		"it must be a whole number; keyward keys list --help":           {"keys", "list", "--limit", "x"},
		"keyward: --limit is at least 1":                                {"keys", "list", "--limit", "-1"},
		`unknown command "lst" for "keyward keys"; keyward keys --help`: {"keys", "lst"},
		"keyward profiles use --help shows how":                         {"profiles", "use"},
		"argument 3 looks like a key":                                   {"keys", "create", body},
	} {
		code, line := asked(t, called.URL, args...)
		if code != failure.Usage || !strings.Contains(line, want) || strings.Count(line, "\n") != 1 || strings.Contains(line, body) {
			t.Errorf("%v: %d: %s", args, code, line)
		}
	}
}

// The key of the environment goes to the URL of the environment or the flag, and never
// to that of a profile. A mismatch is reported in one line, and nothing is sent.
func TestKeyOfTheEnvironment(t *testing.T) {
	asked := 0
	keyward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"orgId": "demo", "name": "CI"}`)
	}))
	t.Cleanup(keyward.Close)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	folder, err := profile.DefaultFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Change(func(c *profile.Config) error {
		c.Current, c.Profiles["work"] = "work", profile.Profile{URL: keyward.URL, Keeper: profile.File}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(envKey, key.Reveal())
	for _, c := range []struct {
		name, url string
		args      []string
		code      int
		line      string
	}{
		{"", "", []string{"whoami"}, failure.Usage, "KEYWARD_API_KEY is for the URL in KEYWARD_URL, which is not set"},
		{"work", "", []string{"whoami"}, failure.Usage, "KEYWARD_API_KEY is for the URL in KEYWARD_URL, which is not set"},
		{"work", "", []string{"whoami", "--url", keyward.URL}, failure.OK, ""},
		{"work", keyward.URL, []string{"whoami"}, failure.OK, ""},
		{"", keyward.URL, []string{"whoami", "--profile", "work"}, failure.SignIn, "run keyward login, or set KEYWARD_URL and KEYWARD_API_KEY"},
	} {
		t.Setenv(envProfile, c.name)
		t.Setenv(envURL, c.url)
		before := asked
		var out, told bytes.Buffer
		code := Run(t.Context(), c.args, strings.NewReader(""), &out, &told)
		if code != c.code || !strings.Contains(told.String(), c.line) || (asked == before) == (c.code == failure.OK) {
			t.Errorf("profile %q, URL %q, %v: %d: %s", c.name, c.url, c.args, code, told.String())
		}
	}
}

// Who interrupts the making of a key hears that it may have been made.
func TestInterruptedCreate(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise the server does not see that the client goes
		interrupt()
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	t.Setenv(envURL, silent.URL)
	code, line := askedWith(ctx, t, "keys", "create", "CI", "--permission", "ManageFiles", "-o", "text")
	if code != failure.Interrupted || line != "keyward: interrupted; the change may have been made all the same: look with keyward keys list\n" {
		t.Errorf("%d: %s", code, line)
	}
}

// An empty flag that says which Keyward to call is refused: the environment or another
// profile does not take its place.
func TestEmptyTarget(t *testing.T) {
	for _, flag := range []string{"--url=", "--profile="} {
		if code, line := asked(t, "http://127.0.0.1:1", "whoami", flag); code != failure.Usage || !strings.Contains(line, "is empty") {
			t.Errorf("%s: %d: %s", flag, code, line)
		}
	}
}
