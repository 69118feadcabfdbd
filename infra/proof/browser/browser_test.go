// Package browser proves the console: that what is committed is what is built, and
// that it works in a real browser, on the real functions.
package browser

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

var running *stacktest.Stack

func TestMain(m *testing.M) {
	var err error
	running, err = stacktest.Start(stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
	code := running.Run(m)
	running.Stop()
	os.Exit(code)
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
		"CONSOLE_BROWSER="+chromium(t), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey,
	)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
}
