package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// blocks returns the commands, with their output, of every console block between
// two marks of a document.
func blocks(t *testing.T, file, name string) string {
	t.Helper()
	document, err := os.ReadFile("../../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(document), "<!-- "+name+" -->\n")
	marked, _, ended := strings.Cut(rest, "<!-- /"+name+" -->")
	if !found || !ended {
		t.Fatalf("%s has no %s", file, name)
	}
	return stacktest.Session(marked)
}

// shell runs a script as a reader would, with the stack's values and additional
// variables.
func shell(t *testing.T, script string, more ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "no_proxy=*")
	command.Env = append(command.Env, more...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return string(output)
}

// The API document's examples run as printed, with their ids filled in.
func TestDocumentedExamples(t *testing.T) {
	ids := strings.NewReplacer()
	var known []string
	commands := strings.Split("\n"+blocks(t, "functions/README.md", "examples"), "\n$ ")[1:]
	if len(commands) < 6 {
		t.Fatalf("%d commands only", len(commands))
	}
	for _, command := range commands {
		output := shell(t, strings.Replace(ids.Replace(command), "curl ", "curl -sS --fail-with-body ", 1))
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(output), &made); err != nil {
			t.Fatalf("$ %s\n%s", command, output)
		}
		switch {
		case strings.Contains(command, "/v1/policies"):
			known = append(known, "POLICY_ID", made.ID)
		case strings.Contains(command, "/v1/users"):
			known = append(known, "USER_ID", made.ID)
		case strings.Contains(command, "/v1/apikeys"):
			t.Cleanup(func() { admin.Delete(t, made.ID) })
		}
		ids = strings.NewReplacer(known...)
	}
}

// The README's session, the tour of all kinds of APIs and the everyday tasks run
// as printed. Each command gives the output below it, except for ids, keys and
// times.
func TestDocumentedSessions(t *testing.T) {
	for _, session := range []struct {
		file, name string
		least      int
	}{
		{"README.md", "session", 4}, {"authorizer/README.md", "shapes", 3}, {"functions/TASKS.md", "tasks", 60}, {"functions/LEAKS.md", "leaks", 4},
	} {
		t.Run(session.name, func(t *testing.T) {
			defer deleteNewKeys(t)()
			path := "PATH=" + makeInvoke(t) + ":" + os.Getenv("PATH")
			stacktest.CheckSession(t, blocks(t, session.file, session.name), session.least, func(script string) string { return shell(t, script, path) })
		})
	}
}

// deleteNewKeys returns a function that deletes the keys created since, and
// restores the organization's quota.
func deleteNewKeys(t *testing.T) func() {
	list := func() (ids []string) {
		page := stacktest.JSON[struct{ Items []struct{ ID string } }](t, admin.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK))
		for _, key := range page.Items {
			ids = append(ids, key.ID)
		}
		return ids
	}
	before := list()
	return func() {
		for _, id := range list() {
			if !slices.Contains(before, id) {
				admin.Delete(t, id)
			}
		}
		admin.Do(t, http.MethodPatch, "/v1/organization", `{"maxKeys": 20}`).Want(t, http.StatusOK)
	}
}

// makeInvoke returns a folder with a "make" program that does what "make invoke"
// does, on this stack's functions.
func makeInvoke(t *testing.T) (folder string) {
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := io.ReadAll(r.Body)
		if err == nil {
			event, err = running.Invoke(r.Context(), strings.TrimPrefix(r.URL.Path, "/"), event)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(event)
	}))
	t.Cleanup(functions.Close)
	folder = t.TempDir()
	script := `#!/bin/bash -eu
[ "$1 ${2%%=*}" = "invoke FN" ]
function=${2#FN=}
event=${3:-EVENT=events/$function.json}
curl -sS --fail-with-body --data-binary "@${event#EVENT=}" "` + functions.URL + `/$function"
`
	if err := os.WriteFile(folder+"/make", []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return folder
}
