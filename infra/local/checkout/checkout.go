// Package checkout finds Keyward's own files.
package checkout

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the folder of Keyward's module, from any folder in it: the CDK
// command line runs the app in infra, make in the root, and go test in each
// package. Outside, the error says where to run this.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for {
		module, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && bytes.HasPrefix(module, []byte("module github.com/keyward/keyward\n")) {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("run this inside the checkout of Keyward: its go.mod is neither here nor above")
		}
		folder = parent
	}
}
