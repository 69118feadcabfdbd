package main

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/keytext"
)

// asProgram is the variable that makes the test's program the command line.
const asProgram = "KEYWARD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key.Reveal()
}

// fake starts a Keyward over HTTP/2 that answers every request with body.
func fake(t *testing.T, body string) (address, certificate string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	certificate = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, certificate
}

func program(t *testing.T, key, body string, args ...string) *exec.Cmd {
	t.Helper()
	address, certificate := fake(t, body)
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1", "HOME="+t.TempDir(), "XDG_CONFIG_HOME=", "SSL_CERT_FILE="+certificate,
		"KEYWARD_URL="+address, "KEYWARD_API_KEY="+key, "GODEBUG=http2debug=2")
	return c
}

// A key that was made, and whose reader has gone, is told by its id; a list whose
// reader has gone ends without a word. Both have the code of their kind.
func TestClosedPipe(t *testing.T) {
	const id = "94d470ba-700e-4034-ad17-4326aa3493a2"
	for _, c := range []struct {
		body string
		args []string
		code int
		told string
	}{
		{`{"id":"` + id + `","apiKey":"` + newKey(t) + `"}`, []string{"keys", "create", "CI", "--permission", "ManageFiles", "-o", "text"}, 5,
			"keyward: the key was made, but cannot be written: rotate or delete " + id + "\n"},
		{`{"apiKeys":[{"id":"` + id + `"}],"items":[{"id":"` + id + `"}]}`, []string{"keys", "list", "-o", "csv"}, 141, ""},
	} {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reader.Close()
		command := program(t, newKey(t), c.body, c.args...)
		var told bytes.Buffer
		command.Stdout, command.Stderr = writer, &told
		_ = command.Run()
		_ = writer.Close()
		if command.ProcessState.ExitCode() != c.code || told.String() != c.told {
			t.Errorf("%v: %v, %q", c.args, command.ProcessState, told.String())
		}
	}
}

// Go's own debug output does not show the key.
func TestDebugOutput(t *testing.T) {
	key := newKey(t)
	output, _ := program(t, key, "{}", "whoami").CombinedOutput()
	if strings.Contains(string(output), key) {
		t.Errorf("the key is in the output: %d bytes", len(output))
	}
}
