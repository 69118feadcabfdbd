package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An env file gives back the written values, whatever they contain, and only its
// writer removes it.
func TestEnvFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "env")
	mine := envFile{path, []byte("export A='it'\\''s'\nexport B='x=y z'\n")}
	if err := mine.write(); err != nil {
		t.Fatal(err)
	}
	if got := readEnv(path); !maps.Equal(got, map[string]string{"A": "it's", "B": "x=y z"}) {
		t.Errorf("read %q", got)
	}
	other := envFile{path, []byte("export A='2'\n")}
	if err := other.write(); err != nil {
		t.Fatal(err)
	}
	mine.remove()
	if got := readEnv(path); got["A"] != "2" {
		t.Error("another stack's env file was removed")
	}
	other.remove()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the env file is still there: %v", err)
	}
	if got := readEnv(path); len(got) != 0 {
		t.Errorf("read %q from no file", got)
	}
}

// Every line is in the log, and lines with errors are also shown.
func TestFunctionLog(t *testing.T) {
	shown := &output{}
	l, err := openLog(filepath.Join(t.TempDir(), "folder", "functions.log"), shown)
	if err != nil {
		t.Fatal(err)
	}
	lines := []struct {
		source, text string
		shown        bool
	}{
		{"whoami", `{"level":"INFO","msg":"request"}`, false},
		{"whoami", `{"level":"ERROR","msg":"broken"}`, true},
		{"whoami", `panic: oh`, true},
		{"gateway", `r GET /x: UNAUTHORIZED: y`, false},
		{"authorizer", `2026/01/02 03:04:05 ` + refusal, false},
	}
	for _, line := range lines {
		l.line(line.source, line.text)
	}
	l.close()
	kept, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		whole := line.source + " " + line.text + "\n"
		if !strings.Contains(string(kept), whole) {
			t.Errorf("not kept: %s", whole)
		}
		if got := strings.Contains(shown.String(), line.text); got != line.shown {
			t.Errorf("%s: shown %v, want %v", line.text, got, line.shown)
		}
	}
}
