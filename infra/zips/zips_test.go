package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// functions writes programs where a build would, for pack.
func functions(t *testing.T, mode os.FileMode, programs map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, program := range programs {
		file := filepath.Join(folder, name, "bootstrap")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(program), mode); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// A zip holds only the program that Lambda starts, executable by all. The table
// and the checksums describe it.
func TestZip(t *testing.T) {
	from, to := functions(t, 0o700, map[string]string{"whoami": strings.Repeat("x", 5000), "authorizer": "y", ".built": "z"}), filepath.Join(t.TempDir(), "zips")
	archives, err := pack(from, to, io.Discard)
	if err != nil || len(archives) != 2 {
		t.Fatalf("%v, %v", archives, err)
	}
	reader, err := zip.OpenReader(filepath.Join(to, "whoami.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	if len(reader.File) != 1 {
		t.Fatalf("%d files", len(reader.File))
	}
	file := reader.File[0]
	if file.Name != "bootstrap" || file.Mode() != 0o755 || !file.Modified.Equal(oldest) {
		t.Errorf("%s %s %s", file.Name, file.Mode(), file.Modified)
	}
	opened, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	if program, err := io.ReadAll(opened); err != nil || len(program) != 5000 {
		t.Errorf("%d bytes, %v", len(program), err)
	}
	wantSums(t, to, "authorizer", "whoami")
	var table bytes.Buffer
	if err := printSizes(&table, archives); err != nil || !strings.Contains(table.String(), "2 programs") || !strings.Contains(table.String(), " 5 ") {
		t.Errorf("%v\n%s", err, &table)
	}
}

// wantSums checks the file of checksums against the files.
func wantSums(t *testing.T, folder string, functions ...string) {
	t.Helper()
	var want strings.Builder
	for _, function := range functions {
		content, err := os.ReadFile(filepath.Join(folder, function+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		want.WriteString(hex.EncodeToString(sum[:]) + "  " + function + ".zip\n")
	}
	if got, err := os.ReadFile(filepath.Join(folder, sums)); err != nil || string(got) != want.String() {
		t.Errorf("%v\n%s\nwant\n%s", err, got, &want)
	}
}

// Only the program decides the bytes, not its mode, its time or its folder.
func TestZipIsOfTheProgramAlone(t *testing.T) {
	program := map[string]string{"whoami": "program"}
	first, second := functions(t, 0o700, program), functions(t, 0o644, program)
	if err := os.Chtimes(filepath.Join(second, "whoami", "bootstrap"), time.Now(), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	a, err := pack(first, filepath.Join(t.TempDir(), "a"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := pack(second, filepath.Join(t.TempDir(), "b"), io.Discard); err != nil || a[0].sum != b[0].sum {
		t.Errorf("%x and %x, %v", a[0].sum, b[0].sum, err)
	}
}

// contents returns the files of a folder, by name.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(text)
	}
	return found
}

// Whatever an earlier run has left, or somebody has done to it, a run gives the
// same bytes as one into a new folder.
func TestPackAgain(t *testing.T) {
	programs := map[string]string{"whoami": "program", "authorizer": "guard", "rotate": "pepper"}
	damage := func(name, text string) func(from, to string) error {
		return func(_, to string) error { return os.WriteFile(filepath.Join(to, name), []byte(text), 0o644) }
	}
	for name, change := range map[string]func(from, to string) error{
		"nothing": func(string, string) error { return nil },
		"a program, and not its time or size": func(from, _ string) error {
			return rewrite(filepath.Join(from, "whoami", "bootstrap"), "PROGRAM")
		},
		"a zip is gone":       func(_, to string) error { return os.Remove(filepath.Join(to, "whoami.zip")) },
		"a zip is cut off":    damage("whoami.zip", "PK"),
		"the sums are gone":   func(_, to string) error { return os.Remove(filepath.Join(to, sums)) },
		"a stranger is there": damage("stranger.zip", "PK"),
	} {
		t.Run(name, func(t *testing.T) {
			from, to, fresh := functions(t, 0o755, programs), filepath.Join(t.TempDir(), "zips"), filepath.Join(t.TempDir(), "zips")
			if _, err := pack(from, to, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := change(from, to); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			again, err := pack(from, to, &said)
			if err != nil || !strings.Contains(said.String(), "packing 3 programs") {
				t.Fatalf("%v, said %q", err, &said)
			}
			all, err := pack(from, fresh, io.Discard)
			if err != nil || !slices.Equal(again, all) {
				t.Errorf("%v\n%v\nwant\n%v", err, again, all)
			}
			if got, want := contents(t, to), contents(t, fresh); !maps.Equal(got, want) {
				t.Errorf("%q\nwant\n%q", got, want)
			}
		})
	}
}

// rewrite changes a file and keeps its time.
func rewrite(file, text string) error {
	before, err := os.Stat(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		return err
	}
	return os.Chtimes(file, before.ModTime(), before.ModTime())
}

// A program that is not built gives one line that says what to do. The zip of a
// removed function is removed.
func TestZipLeavesNothingBehind(t *testing.T) {
	to := filepath.Join(t.TempDir(), "zips")
	if _, err := pack(t.TempDir(), to, io.Discard); err == nil || !strings.Contains(err.Error(), "make lambda") {
		t.Errorf("%v", err)
	}
	if _, err := pack(functions(t, 0o755, map[string]string{"gone": "a"}), to, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := pack(functions(t, 0o755, map[string]string{"new": "a"}), to, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(to, "gone.zip")); err == nil {
		t.Error("an old zip is still there")
	}
}

// The same source gives the same zip in another folder, with another umask and
// through the Makefile: two copies of the module are built separately.
func TestBuildsAreTheSame(t *testing.T) {
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, umask := range []int{0o022, 0o077} {
		copied := filepath.Join(t.TempDir(), "a folder of another length"[:umask/5+3])
		for _, part := range []string{"go.mod", "go.sum", "Makefile", "functions", "authorizer", "shared", "infra/zips"} {
			target := filepath.Join(copied, filepath.Dir(part))
			if output, err := exec.Command("sh", "-c", `mkdir -p "$2" && cp -R "$1" "$2/"`, "sh", filepath.Join(module, part), target).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
		}
		before := syscall.Umask(umask)
		build := exec.Command("make", "zips")
		build.Dir = copied
		output, err := build.CombinedOutput()
		syscall.Umask(before)
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		list, err := os.ReadFile(filepath.Join(copied, "dist", "zips", sums))
		if err != nil || strings.Count(string(list), "\n") != 2 {
			t.Fatalf("%v\n%s\n%s", err, list, output)
		}
		found = append(found, string(list))
	}
	if found[0] != found[1] {
		t.Errorf("one source, two results:\n%s\n%s", found[0], found[1])
	}
}
