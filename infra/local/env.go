package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/stack"
)

// The variables of the env file that no function reads.
const (
	envURL = "KEYWARD_URL"
	envKey = "KEYWARD_API_KEY"
)

// envFile describes a running stack for scripts. It holds the admin key, so only
// its owner may read it.
type envFile struct {
	path string
	text []byte
}

func newEnvFile(path string, s *stack.Stack) envFile {
	variables := s.Variables()
	maps.Copy(variables, map[string]string{
		envURL: s.URL, envKey: s.AdminKey,
		"AWS_REGION": stack.Region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
	var text bytes.Buffer
	fmt.Fprintf(&text, "# The admin key opens Keyward's own API and the demo's: %s\n", strings.Join(demo.Routes(), ", "))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		quoted := strings.ReplaceAll(variables[name], "'", `'\''`)
		fmt.Fprintf(&text, "export %s='%s'\n", name, quoted)
	}
	return envFile{path, text.Bytes()}
}

// write replaces the file atomically, so that a reader never sees part of it.
func (f envFile) write() error {
	if err := makeFolder(f.path); err != nil {
		return err
	}
	part := fmt.Sprintf("%s.%d", f.path, os.Getpid())
	if err := os.WriteFile(part, f.text, 0o600); err != nil {
		return fmt.Errorf("write the env file: %w", err)
	}
	if err := os.Rename(part, f.path); err != nil {
		return fmt.Errorf("write the env file: %w", err)
	}
	return nil
}

// remove deletes the file, unless another stack has replaced it.
func (f envFile) remove() {
	if text, err := os.ReadFile(f.path); err == nil && bytes.Equal(text, f.text) {
		_ = os.Remove(f.path)
	}
}

// readEnv returns an env file's variables, or none if it cannot be read.
func readEnv(path string) map[string]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	variables := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if found {
			value = strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
			variables[name] = strings.ReplaceAll(value, `'\''`, "'")
		}
	}
	return variables
}
