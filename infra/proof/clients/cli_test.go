package clients

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/cmd/keyward/scan"
	"github.com/keyward/keyward/shared/keytext"
)

var updateCLI = flag.Bool("update-cli", false, "write what the command line's scripts and help texts compare with")

// commandLine builds the command line, once, and returns its folder, which "make
// clean" removes.
var commandLine = sync.OnceValues(func() (folder string, err error) {
	if folder, err = filepath.Abs("../../../dist/cli-test"); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "keyward"), "github.com/keyward/keyward/shared/cmd/keyward")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return folder, nil
})

func commandLineFolder(t *testing.T) string {
	t.Helper()
	folder, err := commandLine()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// lambdaEndpoint invokes the stack's functions as AWS Lambda's API does.
func lambdaEndpoint(t *testing.T) string {
	t.Helper()
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/2015-03-31/functions/keyward-"), "/invocations")
		event, err := io.ReadAll(r.Body)
		if err != nil || name == r.URL.Path || !strings.Contains(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256") {
			http.Error(w, `{"Type":"User"}`, http.StatusForbidden)
			return
		}
		answer, err := running.Invoke(r.Context(), name, event)
		if err != nil {
			kind, message, _ := strings.Cut(err.Error(), ": ")
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			answer = fmt.Appendf(nil, "{\"errorType\":%q,\"errorMessage\":%q}", kind, message)
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(functions.Close)
	return functions.URL
}

// log keeps what the scripts print, so that it can be searched.
type log struct {
	*testing.T
	mu   sync.Mutex
	text strings.Builder
}

// Run, Log and Verbose make a log a testscript.T.
func (l *log) Run(name string, run func(testscript.T)) {
	l.T.Run(name, func(t *testing.T) {
		one := &log{T: t}
		defer func() {
			if keys := scan.Keys(one.text.String()); len(keys) > 0 {
				t.Errorf("%d keys were printed, the first %s", len(keys), keys[0].Redacted())
			}
		}()
		run(one)
	})
}

func (l *log) Log(values ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprint(values...)
	l.text.WriteString(text)
	l.T.Log(scan.Redact(text))
}

func (l *log) Verbose() bool { return true }

// Each script of testdata holds: what the command line prints, its exit codes, and
// that no key is among what it prints. A script makes keys by "issue FILE ARGS...",
// which keeps what keyward prints out of the log.
func TestCommandLine(t *testing.T) {
	folder, endpoint := commandLineFolder(t), lambdaEndpoint(t)
	owner := stacktest.JSON[struct{ User struct{ ID string } }](t, running.Admin().Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK))
	testscript.RunT(&log{T: t}, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *updateCLI,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("KEYWARD_CREDENTIALS", "file")
			env.Setenv("URL", running.URL)
			env.Setenv("OWNER", owner.User.ID)
			env.Setenv("ISSUER", issuer.URL())
			env.Setenv("BROWSER", filepath.Join(env.WorkDir, "browser"))
			env.Setenv("LAMBDA", endpoint)
			browser := "#!/bin/sh\nexec curl -sL \"$1\" > \"$HOME/page\"\n"
			if err := os.WriteFile(filepath.Join(env.WorkDir, "browser"), []byte(browser), 0o700); err != nil { //nolint:gosec // it is run
				return err
			}
			unknown, err := keytext.Generate("kw", rand.Reader)
			if err != nil {
				return err
			}
			return errors.Join(
				os.WriteFile(filepath.Join(env.WorkDir, "unknown.key"), []byte(unknown.Reveal()+"\n"), 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "admin.key"), []byte(running.AdminKey+"\n"), 0o600),
			)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"issue": issue, "exits": exits, "eventually": eventually(t), "setkey": setKey},
	})
}

// issue FILE ARGS... runs keyward, and keeps what it prints in a file.
func issue(ts *testscript.TestScript, _ bool, args []string) {
	command := exec.Command(filepath.Join(mustFolder(ts), "keyward"), args[1:]...)
	command.Dir = ts.MkAbs(".")
	command.Env = environment(ts)
	var told strings.Builder
	command.Stderr = &told
	printed, err := command.Output()
	if err != nil {
		ts.Fatalf("%v: %s", err, told.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), printed, 0o600))
}

// exits CODE ARGS... runs keyward, and fails unless it exits with that code and,
// if that is not 0, with one line of explanation at most.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want := args[0]
	err := ts.Exec("keyward", args[1:]...)
	code := 0
	if err != nil {
		exited, ok := err.(*exec.ExitError) //nolint:errorlint // Exec returns it as it is
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exited.ExitCode()
	}
	if fmt.Sprint(code) != want {
		ts.Fatalf("keyward exits with %d, want %s", code, want)
	}
}

// eventually ARGS... runs keyward until it succeeds: what another script changes at
// that moment can make a function tell to try again.
func eventually(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		await.Until(t, "keyward "+strings.Join(args, " "), func() bool { return ts.Exec("keyward", args...) == nil })
	}
}

// setkey NAME FILE sets a variable to the key in a file.
func setKey(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

func mustFolder(ts *testscript.TestScript) string {
	folder, err := commandLine()
	ts.Check(err)
	return folder
}

func environment(ts *testscript.TestScript) []string {
	var all []string
	for _, name := range []string{"PATH", "HOME", "XDG_CONFIG_HOME", "KEYWARD_CREDENTIALS", "KEYWARD_URL", "KEYWARD_API_KEY", "KEYWARD_PROFILE",
		"AWS_ENDPOINT_URL_LAMBDA", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
	} {
		if value := ts.Getenv(name); value != "" {
			all = append(all, name+"="+value)
		}
	}
	return all
}
