package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standInGo builds one function, and writes one template, in place of Go.
const standInGo = `#!/bin/sh
case "$1" in
build) mkdir -p dist/lambda/.built && : > dist/lambda/.built/functions ;;
run) [ -z "$CDK_OUTDIR" ] || { mkdir -p "$CDK_OUTDIR" && : > "$CDK_OUTDIR/new.template.json"; } ;;
esac
`

// What make synth says it wrote, it wrote: the templates of a run with other
// settings are gone.
func TestSynthLeavesNoOldTemplate(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	programs, folder := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{
		filepath.Join(folder, "Makefile"):                                   string(makefile),
		filepath.Join(programs, "go"):                                       standInGo,
		filepath.Join(programs, "node"):                                     "#!/bin/sh\n",
		filepath.Join(folder, "infra", "cdk.out", "old.template.json"):      "{}",
		filepath.Join(folder, "infra", "cdk.out", "old.assets", "old.json"): "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	synth := exec.Command("make", "synth")
	synth.Dir, synth.Env = folder, append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"))
	output, err := synth.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "wrote new.template.json into") {
		t.Errorf("%v\n%s", err, output)
	}
	left, err := os.ReadDir(filepath.Join(folder, "infra", "cdk.out"))
	if err != nil || len(left) != 1 {
		t.Errorf("%d are in the folder, %v", len(left), err)
	}
}

// countingGo lists and compiles 30 packages, downloads a module and warns, in
// place of Go; it fails where a file says so.
const countingGo = `#!/bin/sh
packages() { i=0; while [ $i -lt 30 ]; do i=$((i + 1)); echo "example.com/p$i"; done; }
case "$1" in
list) packages ;;
build)
  echo "go: downloading example.com/m v1.0.0" >&2
  packages >&2
  [ ! -e fail ] || { printf '# example.com/p31\nmain.go:1:1: it does not compile\n' >&2; exit 1; }
  mkdir -p dist/local/.built && for p in functions authorizer local; do : > dist/local/.built/$p; done ;;
esac
`

// The first build says how far it is, an error is shown and ends it, and what an
// earlier release built besides is gone.
func TestBuildIsCounted(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	programs, folder := t.TempDir(), t.TempDir()
	write := func(file, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	build := func() (string, error) {
		cmd := exec.Command("make", "build")
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"))
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	write(filepath.Join(folder, "Makefile"), string(makefile))
	write(filepath.Join(programs, "go"), countingGo)
	output, err := build()
	if err != nil || !strings.Contains(output, "downloading modules") || !strings.Contains(output, "compiled 25 of 30 packages") {
		t.Errorf("%v\n%s", err, output)
	}
	write(filepath.Join(folder, "dist/local/.built/whoami"), "")
	write(filepath.Join(folder, "dist/local/whoami/bootstrap"), "")
	if output, err := build(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	for name, want := range map[string]bool{".built/whoami": false, "whoami": false, "functions/bootstrap": true, "authorizer/bootstrap": true} {
		if _, err := os.Stat(filepath.Join(folder, "dist/local", name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(filepath.Join(folder, "fail"), "")
	if output, err := build(); err == nil || !strings.Contains(output, "main.go:1:1: it does not compile") {
		t.Errorf("%v\n%s", err, output)
	}
}
