package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// These patterns match what differs between runs of a documented session.
var varying = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`kw_[0-9A-Za-z]{66}`), "KEY"},
	{regexp.MustCompile(`(?i)kw_[0-9a-z]{6}\.\.\.[0-9a-z]{6}`), "REDACTED"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`"bytes":\d+`), "BYTES"},
	{regexp.MustCompile(`"(iat|ttlSeconds)":[1-9]\d*`), "SECONDS"},
}

func normalize(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.stands)
	}
	return strings.TrimSpace(text)
}

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
	var inside strings.Builder
	for _, part := range strings.Split(marked, "```console\n")[1:] {
		text, _, _ := strings.Cut(part, "```\n")
		inside.WriteString(text + "\n")
	}
	return inside.String()
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
		{"README.md", "session", 4}, {"authorizer/README.md", "shapes", 3}, {"functions/TASKS.md", "tasks", 30}, {"functions/LEAKS.md", "leaks", 4},
	} {
		t.Run(session.name, func(t *testing.T) {
			defer deleteNewKeys(t)()
			checkSession(t, blocks(t, session.file, session.name), session.least, "PATH="+awsCLI(t)+":"+os.Getenv("PATH"))
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

// awsCLI returns a folder with an "aws" program that accepts the documents'
// commands and invokes this stack's functions.
func awsCLI(t *testing.T) (folder string) {
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := io.ReadAll(r.Body)
		if err == nil {
			event, err = running.Invoke(r.Context(), strings.TrimPrefix(r.URL.Path, "/keyward-"), event)
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
[ "${*:1:3} ${*:5:3}" = "lambda invoke --function-name --cli-binary-format raw-in-base64-out --payload" ]
curl -sS --fail-with-body --data-binary "@${8#file://}" "` + functions.URL + `/$4" > "$9"
`
	if err := os.WriteFile(folder+"/aws", []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return folder
}

func checkSession(t *testing.T, session string, least int, environment ...string) {
	t.Helper()
	const mark = "=====end of output====="
	var script strings.Builder
	var commands, wants []string
	for _, part := range strings.Split("\n"+session, "\n$ ")[1:] {
		command, output, _ := strings.Cut(part, "\n")
		commands, wants = append(commands, command), append(wants, output)
		if command == "source .local/env" { // this stack's values are set below
			command = ":"
		}
		script.WriteString(command + "\necho; echo '" + mark + "'\n")
	}
	if len(commands) < least {
		t.Fatalf("%d commands only", len(commands))
	}
	outputs := strings.Split(shell(t, script.String(), environment...), mark)
	for i, command := range commands {
		if got, want := normalize(outputs[i]), normalize(wants[i]); got != want {
			t.Errorf("$ %s\ngot  %s\nwant %s", command, got, want)
		}
	}
}
