package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// What npm ci installs is what package.json asks for, held by its hash and not
// by the registry that it came from.
func TestPackageLock(t *testing.T) {
	var asked struct{ DevDependencies map[string]string }
	var held struct {
		Packages map[string]struct{ Version, Integrity, Resolved string }
	}
	for file, into := range map[string]any{"package.json": &asked, "package-lock.json": &held} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if len(asked.DevDependencies) == 0 {
		t.Fatal("package.json asks for nothing")
	}
	for name, version := range asked.DevDependencies {
		if got := held.Packages["node_modules/"+name].Version; got != version {
			t.Errorf("%s: %q is held, %q is asked for", name, got, version)
		}
	}
	for path, p := range held.Packages {
		if path != "" && !strings.HasPrefix(p.Integrity, "sha512-") || p.Resolved != "" {
			t.Errorf("%s: integrity %q, resolved %q", path, p.Integrity, p.Resolved)
		}
	}
}
