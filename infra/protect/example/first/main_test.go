package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fence returns the text of the README's block behind a heading that begins with
// start.
func fence(t *testing.T, start string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), start)
	text, _, closed := strings.Cut(after, "\n```\n")
	if !found || !closed {
		t.Fatalf("the README has no block %q", start)
	}
	return text
}

// The README shows this whole app.
func TestReadmeShowsTheApp(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(strings.TrimSuffix(string(source), "\n"), "\npackage main\n")
	if got := fence(t, "```go\npackage main\n"); got != want {
		t.Errorf("infra/protect/README.md shows another app than infra/protect/example/first/main.go:\n%s", got)
	}
}

// The README's commands make a module of the app that compiles with a clone, and
// need nothing that the clone did not.
func TestReadmeCommandsMakeAModule(t *testing.T) {
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), source, 0o644); err != nil {
		t.Fatal(err)
	}
	commands := strings.NewReplacer("$ ", "", "CLONE", root).Replace(fence(t, "```console\n$ go mod init"))
	shell := exec.Command("bash", "-eu", "-c", "go mod init"+commands+"\ngo vet .")
	shell.Dir = folder
	shell.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GONOSUMDB=*", "GONOSUMCHECK=1")
	if output, err := shell.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, commands, output)
	}
}
