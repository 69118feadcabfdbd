package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

const text = "kw_not-really-a-key"

func sample() Credential {
	return Credential{URL: "https://a.example.com", Tokens: Tokens{
		Access: client.NewSecret(text), Refresh: client.NewSecret("r"), Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Endpoint: "https://issuer.example.com/token", Client: "cli",
	}}
}

func same(a, b Credential) bool {
	one, _ := a.encode()
	two, _ := b.encode()
	return one == two
}

// A credential reads back as it was kept, from a file and from the keyring, and is
// kept in one of them only.
func TestCredentialReadsBack(t *testing.T) {
	keyring.MockInit()
	folder := Folder(filepath.Join(t.TempDir(), "keyward"))
	for _, keeper := range []Keeper{File, Keyring, File} {
		t.Setenv(EnvKeeper, string(keeper))
		if kept, err := folder.Save("work", sample()); err != nil || kept != keeper {
			t.Fatal(kept, err)
		}
		if got, err := folder.Load("work", keeper); err != nil || !same(got, sample()) {
			t.Errorf("%s: %v %v", keeper, got, err)
		}
		_, err := os.Stat(folder.credential("work"))
		if (err == nil) != (keeper == File) {
			t.Errorf("kept in the %s: the file: %v", keeper, err)
		}
	}
	if err := folder.Remove("work", File); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Load("work", File); code(err) != failure.SignIn {
		t.Error(err)
	}
	if err := folder.Remove("work", File); err != nil {
		t.Error(err)
	}
}

func code(err error) int { code, _ := failure.Code(err); return code }

// A keyring that is locked is told in one line, and nothing is written. Where there
// is none, a file is used.
func TestKeyringFails(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	folder := Folder(filepath.Join(t.TempDir(), "keyward"))
	for _, c := range []struct {
		fault  error
		wanted Keeper
		kept   Keeper
	}{
		{errors.New("failed to unlock correct collection '/login'"), "", ""},
		{dbus.Error{Name: "org.freedesktop.Secret.Error.IsLocked"}, Keyring, ""},
		{dbus.Error{Name: "org.freedesktop.DBus.Error.ServiceUnknown"}, Keyring, ""},
		{dbus.Error{Name: "org.freedesktop.DBus.Error.ServiceUnknown"}, "", File},
		{fmt.Errorf("dial: %w", os.ErrNotExist), "", File},
		{keyring.ErrSetDataTooBig, "", File},
	} {
		keyring.MockInitWithError(c.fault)
		t.Setenv(EnvKeeper, string(c.wanted))
		kept, err := folder.Save("work", sample())
		if kept != c.kept || (err == nil) != (kept != "") || err != nil && (code(err) != failure.SignIn || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%v: kept in %q, %v", c.fault, kept, err)
		}
		if _, missing := os.Stat(folder.credential("work")); (missing == nil) != (kept == File) {
			t.Errorf("%v: the file: %v", c.fault, missing)
		}
		_ = os.RemoveAll(string(folder))
	}
	if _, err := folder.Load("work", Keyring); code(err) != failure.SignIn {
		t.Error(err)
	}
	t.Setenv(EnvKeeper, "elsewhere")
	if _, err := folder.Save("work", sample()); code(err) != failure.Usage {
		t.Error(err)
	}
}

// A file that others can read, that is a link, or that cannot be read is not used, as
// if nobody had signed in; writing replaces it.
func TestExposedFileIsRefused(t *testing.T) {
	t.Setenv(EnvKeeper, string(File))
	folder := Folder(filepath.Join(t.TempDir(), "keyward"))
	save := func() string {
		if _, err := folder.Save("work", sample()); err != nil {
			t.Fatal(err)
		}
		return folder.credential("work")
	}
	file := save()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := folder.Load("work", File); code(err) != failure.SignIn {
			t.Errorf("%o: %v", mode, err)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(file, elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, file); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Load("work", File); code(err) != failure.SignIn || !strings.Contains(err.Error(), "symbolic link") {
		t.Error(err)
	}
	if _, err := Folder(elsewhere).Load("work", File); code(err) != failure.SignIn || strings.Contains(err.Error(), "\n") {
		t.Error("a folder that is none:", err)
	}
	before, _ := os.ReadFile(elsewhere)
	save()
	after, _ := os.ReadFile(elsewhere)
	if _, err := folder.Load("work", File); err != nil || string(before) != string(after) {
		t.Error("the link was followed", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".new*")); len(left) != 0 {
		t.Error(left)
	}
}

// No way of printing a credential shows it.
func TestCredentialIsNotPrinted(t *testing.T) {
	c := sample()
	c.Key = client.NewSecret(text)
	encoded, _ := json.Marshal(c)
	shown := string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb+verb, c, &c)
	}
	if strings.Contains(shown, text) || strings.Contains(shown, fmt.Sprintf("%x", text)) {
		t.Error("the secret shows")
	}
}

// Only https URLs, and http on this machine, can be a profile's.
func TestURLs(t *testing.T) {
	for url, want := range map[string]string{
		"https://a.example.com/": "https://a.example.com", "https://a.example.com/prod": "https://a.example.com/prod", "https://a.example.com/v1/": "https://a.example.com/v1", "https://console": "https://console",
		"http://127.0.0.1:3000": "http://127.0.0.1:3000", "http://[::1]:3000/": "http://[::1]:3000", "http://localhost:1": "http://localhost:1",
		"http://a.example.com": "", "http://localhost.example.com": "", "http://127.0.0.1.example.com": "", "ftp://a": "", "a.example.com": "", "": "",
		"https://": "", "https://kw@a.example.com": "", "https://a/?key=x": "", "https://a/#x": "",
		"http://127.0.0.1:3000/v1": "", "https://a.example.com/console/": "", "https://a.example.com/api/v1": "",
	} {
		got, err := CheckURL(url)
		if got != want || (err == nil) != (want != "") || err != nil && (code(err) != failure.Usage || strings.Contains(err.Error(), "key=x")) {
			t.Errorf("%q: %q, %v", url, got, err)
		}
	}
}

// The error of a URL says what to change about it.
func TestURLFaults(t *testing.T) {
	for url, want := range map[string]string{
		"http://127.0.0.1:3000/v1": "use http://127.0.0.1:3000, without /v1", "http://127.0.0.1:3000/console/": "use http://127.0.0.1:3000, without /console",
		"http://127.0.0.1:3000/v1/docs/": "use http://127.0.0.1:3000, without /v1/docs", "http://localhost:3000/console/keys": "use http://localhost:3000, without /console/keys",
		"https://a.example.com/api/v1": "use https://a.example.com, without /api/v1",
		"127.0.0.1:3000":               "http:// or https:// is missing", "localhost:3000": "http:// or https:// is missing", "a.example.com": "http:// or https:// is missing",
	} {
		if _, err := CheckURL(url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", url, err)
		}
	}
	if got, err := CheckServer("https://issuer.example.com/v1"); err != nil || got != "https://issuer.example.com/v1" {
		t.Errorf("an issuer: %q, %v", got, err)
	}
}

// Profiles read back as they were written; a damaged file is told.
func TestConfig(t *testing.T) {
	folder := Folder(filepath.Join(t.TempDir(), "keyward"))
	if c, err := folder.Config(); err != nil || len(c.Profiles) != 0 {
		t.Fatal(c, err)
	}
	want := Config{Current: "b", Profiles: map[string]Profile{"b": {URL: "https://b"}, "a": {URL: "https://a", Keeper: File, Prefix: "acme"}}}
	if err := folder.Change(func(c *Config) error { *c = want; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := folder.Config(); err != nil || !reflect.DeepEqual(got, want) || strings.Join(got.Names(), " ") != "a b" {
		t.Error(got, err)
	}
	if err := os.WriteFile(folder.config(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Config(); code(err) != failure.Usage {
		t.Error(err)
	}
	for name, good := range map[string]bool{"a": true, "prod-1.eu_x": true, "": false, "A": false, "../a": false, ".a": false, "a/b": false} {
		if (CheckName(name) == nil) != good {
			t.Errorf("%q", name)
		}
	}
}

// Changes of the profiles at the same time are all kept.
func TestChangesTogether(t *testing.T) {
	folder := Folder(filepath.Join(t.TempDir(), "keyward"))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := folder.Change(func(c *Config) error {
				c.Profiles[fmt.Sprint("p", i)] = Profile{URL: "https://a.example.com"}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if c, err := folder.Config(); err != nil || len(c.Profiles) != 20 {
		t.Error(len(c.Profiles), err)
	}
}
