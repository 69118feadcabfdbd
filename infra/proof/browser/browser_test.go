// Package browser proves the console: that what is committed is what is built, and
// that it works in a real browser, on the real functions.
package browser

import (
	"os"
	"os/exec"
	"testing"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

var (
	running *stacktest.Stack
	issuer  *stacktest.Issuer
)

func TestMain(m *testing.M) {
	options := stack.Options{Environment: map[string]string{
		operations.EnvConsoleClient: stacktest.ConsoleClient, operations.EnvCacheTTL: "1",
	}}
	stacktest.Main(m, options, func(s *stacktest.Stack, i *stacktest.Issuer) error { running, issuer = s, i; return nil })
}

// chromium returns the browser's program, under one of its names.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("a browser is missing: install chromium, as make browser does")
	return ""
}

// People can do with the console what it is for, by mouse and by keyboard, in
// light and dark; and it explains what goes wrong. Each file of the folder browser
// holds a part of that.
func TestBrowser(t *testing.T) {
	command := exec.CommandContext(t.Context(), "npm", "run", "--silent", "browse")
	command.Dir = sources
	command.Env = append(os.Environ(),
		"CONSOLE_BROWSER="+chromium(t), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "CONSOLE_ISSUER="+issuer.URL(),
	)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
}
