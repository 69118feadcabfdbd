package stacks

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/plan"
)

// CloudFormation's linter, where it is installed, finds nothing in any stack of
// one region or of several.
func TestStacksLint(t *testing.T) {
	linter, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Log("cfn-lint is not installed: the parser's tests alone speak for the stacks")
		return
	}
	folder := t.TempDir()
	var files []string
	for kind, settings := range map[string]plan.Settings{"one": plan.Defaults(), "three": full()} {
		for name, template := range synthesize(t, settings) {
			file := filepath.Join(folder, kind+"-"+name+".json")
			if err := os.WriteFile(file, template, 0o644); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	// W3005: CDK states dependencies that references imply. That is harmless.
	arguments := append([]string{"--ignore-checks", "W3005", "--"}, files...)
	if out, err := exec.CommandContext(ctx, linter, arguments...).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
