package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every test to run on moto's server exists: go test does not report a name that
// matches none.
func TestSuitesExist(t *testing.T) {
	for _, suite := range suites {
		files, err := filepath.Glob(filepath.Join("../../..", suite.folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		for _, name := range suite.tests {
			if !strings.Contains(all.String(), "\nfunc "+name+"(t *testing.T)") {
				t.Errorf("%s has no test %s", suite.folder, name)
			}
		}
	}
}

// If moto is missing, one line says how to install it.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := run(context.Background()); err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "pip install") {
		t.Errorf("%v", err)
	}
}
