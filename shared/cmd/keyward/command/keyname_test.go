package command

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/prompt"
	"github.com/keyward/keyward/shared/keytext"
)

// named starts a Keyward that has these keys, by their names, and records what is deleted.
func named(t *testing.T, ids map[string][]string, deleted *[]string) *httptest.Server {
	t.Helper()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/apikeys", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		items := []map[string]string{}
		for _, id := range ids[r.URL.Query().Get("name")] {
			items = append(items, map[string]string{"id": id, "name": r.URL.Query().Get("name"), "redactedApiKey": "kw_123456...abcdef"})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
	})
	routes.HandleFunc("DELETE /v1/apikeys/{id}", func(w http.ResponseWriter, r *http.Request) {
		*deleted = append(*deleted, r.PathValue("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server
}

// A name stands for the only key that has it. It never stands for one of several.
func TestKeyByName(t *testing.T) {
	const one, two, three = "94d470ba-700e-4034-ad17-4326aa3493a2", "1d2bd8c4-16d6-4d6c-9f3a-5c2e5bd0a1f7", "7a0c2c55-20a3-4f4e-8a3b-0f1d2c3b4a59"
	var deleted []string
	server := named(t, map[string][]string{"one": {one}, "two": {two, three}}, &deleted)
	for name, want := range map[string]struct {
		code int
		line string
	}{
		"one":  {failure.OK, "one is the key " + one + " (kw_123456...abcdef).\nDeleted.\n"},
		"two":  {failure.Refused, "keyward: there are several keys with the name \"two\": pass the id of one, such as " + two + ", " + three + "\n"},
		"none": {failure.Refused, "keyward: there is no key with the id or the name \"none\"; keyward keys list --search finds a part of a name\n"},
	} {
		if code, line := asked(t, server.URL, "keys", "delete", name, "--yes"); code != want.code || line != want.line {
			t.Errorf("%s: %d: %s", name, code, line)
		}
	}
	if strings.Join(deleted, " ") != one {
		t.Error("deleted:", deleted)
	}
}

// The question about the key that the user is signed in with says so.
func TestQuestionAboutTheOwnKey(t *testing.T) {
	own, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv(envURL, "http://127.0.0.1:1")
	t.Setenv(envKey, own.Reveal())
	p := &program{terminal: prompt.Terminal{In: &bytes.Buffer{}}}
	const other = "94d470ba-700e-4034-ad17-4326aa3493a2"
	for id, want := range map[string]string{
		own.ID().String(): "This is the key that you are signed in with. Delete the key " + own.ID().String() + "?",
		other:             "Delete the key " + other + "?",
	} {
		if got := p.questionOf(id, "Delete the key %s?"); got != want {
			t.Error(got)
		}
	}
}

// No text of a key, nor a part of it, is taken for a name: it would be sent in a URL. The
// error does not repeat it.
func TestNameIsNoSecret(t *testing.T) {
	for range 200 {
		key, err := keytext.Generate("kw", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		text := key.Reveal()
		for _, part := range []string{text, text[:40] + "\n" + text[40:], text[:45] + " " + text[45:], "KW" + text[2:], text[:49], text[:24], text[3:], text[10:60] + " "} {
			if err := oneKey(nil, []string{part}); err == nil || strings.Contains(err.Error(), part[3:20]) {
				t.Fatalf("%d characters of a key are taken for a name, or repeated: %v", len(part), err != nil)
			}
		}
	}
	for _, name := range []string{"CI, uploads", "nightly_export", "Reports for finance and accounting", "94d470ba-700e-4034-ad17-4326aa3493a2", "file_sync for the accounting team", "BILLING-2026-PRODUCTION", "internationalization"} {
		if err := oneKey(nil, []string{name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key is changed only if it has the name: not one that a server lists for any name.
func TestListedKeyHasTheName(t *testing.T) {
	var deleted []string
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/apikeys", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"items":[{"id":"94d470ba-700e-4034-ad17-4326aa3493a2","name":"Production"}]}`))
	})
	routes.HandleFunc("DELETE /v1/apikeys/{id}", func(_ http.ResponseWriter, r *http.Request) { deleted = append(deleted, r.PathValue("id")) })
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	if code, line := asked(t, server.URL, "keys", "delete", "Staging", "--yes"); code != failure.Outage || len(deleted) > 0 {
		t.Errorf("%d: %s; deleted %v", code, line, deleted)
	}
}
