package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compiler stands for the go command: it writes what it was asked for, and fails for
// the platform in FAILS.
const compiler = `#!/bin/sh
asked="$GOOS/$GOARCH cgo=$CGO_ENABLED $*"
case "$GOOS/$GOARCH" in "$FAILS") exit 1 ;; esac
while [ "$1" != -o ]; do shift; done
echo "$asked" > "$2"
`

// release runs "make cli" in an empty folder with the compiler, and returns the
// folder that it fills.
func release(t *testing.T, fails string) (folder string, err error) {
	t.Helper()
	makefile, err := filepath.Abs("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	root, tools := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "go"), []byte(compiler), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "make", "-f", makefile, "cli")
	c.Dir = root
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "MAKE") || strings.HasPrefix(variable, "MFLAGS")
	})
	c.Env = append(c.Env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "FAILS="+fails)
	output, err := c.CombinedOutput()
	t.Logf("%s", output)
	return filepath.Join(root, "dist", "cli"), err
}

// "make cli" builds the program for five platforms, reproducibly and without C, and
// writes the checksums of what it has built.
func TestRelease(t *testing.T) {
	folder, err := release(t, "none")
	if err != nil {
		t.Fatal(err)
	}
	var sums strings.Builder
	for _, want := range []struct{ name, platform string }{
		{"keyward-darwin-amd64", "darwin/amd64"}, {"keyward-darwin-arm64", "darwin/arm64"},
		{"keyward-linux-amd64", "linux/amd64"}, {"keyward-linux-arm64", "linux/arm64"}, {"keyward-windows-amd64.exe", "windows/amd64"},
	} {
		built, err := os.ReadFile(filepath.Join(folder, want.name))
		if err != nil {
			t.Fatal(err)
		}
		if asked := string(built); !strings.HasPrefix(asked, want.platform+" cgo=0 build ") || !strings.Contains(asked, " -trimpath ") || !strings.HasSuffix(asked, " ./shared/cmd/keyward\n") {
			t.Errorf("%s: %s", want.name, asked)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(built), want.name)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS")); err != nil || string(got) != sums.String() {
		t.Errorf("%v: the checksums are\n%swant\n%s", err, got, sums.String())
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 6 {
		t.Error(files, err)
	}
}

// A platform that does not build ends "make cli", which then has no checksums.
func TestReleaseFails(t *testing.T) {
	folder, err := release(t, "darwin/arm64")
	if err == nil {
		t.Error("it succeeds")
	}
	if _, err := os.Stat(filepath.Join(folder, "SHA256SUMS")); err == nil {
		t.Error("it writes checksums")
	}
}
