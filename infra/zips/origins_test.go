package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

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

// Only what changed is packed again, regardless of file times. The result has
// the same bytes as a folder packed from scratch.
func TestPackOnlyWhatChanged(t *testing.T) {
	programs := map[string]string{"whoami": "program", "authorizer": "guard", "rotate": "pepper"}
	damage := func(name, text string) func(from, to string) error {
		return func(_, to string) error { return os.WriteFile(filepath.Join(to, name), []byte(text), 0o644) }
	}
	for name, test := range map[string]struct {
		change func(from, to string) error
		packed int
	}{
		"nothing": {func(string, string) error { return nil }, 0},
		"a time": {func(from, _ string) error {
			return touch(filepath.Join(from, "whoami", "bootstrap"), time.Now().Add(time.Hour))
		}, 0},
		"a program, and not its time or size": {func(from, _ string) error {
			file := filepath.Join(from, "whoami", "bootstrap")
			return rewrite(file, "PROGRAM")
		}, 1},
		"a zip is gone":         {func(_, to string) error { return os.Remove(filepath.Join(to, "whoami.zip")) }, 1},
		"a zip is cut off":      {damage("whoami.zip", "PK"), 1},
		"the record is no JSON": {damage(origins, "{"), 3},
		"the record is gone":    {func(_, to string) error { return os.Remove(filepath.Join(to, origins)) }, 3},
		"the sums are gone":     {func(_, to string) error { return os.Remove(filepath.Join(to, sums)) }, 0},
		"a stranger is there":   {damage("stranger.zip", "PK"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			from, to, fresh := functions(t, 0o755, programs), filepath.Join(t.TempDir(), "zips"), filepath.Join(t.TempDir(), "zips")
			if _, err := pack(from, to, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := test.change(from, to); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			again, err := pack(from, to, &said)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("packing %d of 3 programs", test.packed); strings.Contains(said.String(), want) != (test.packed > 0) || test.packed == 0 && said.Len() > 0 {
				t.Errorf("said %q, want %d", &said, test.packed)
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

func touch(file string, when time.Time) error { return os.Chtimes(file, when, when) }

// rewrite changes a file and keeps its time.
func rewrite(file, text string) error {
	before, err := os.Stat(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		return err
	}
	return touch(file, before.ModTime())
}
