package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
)

const file = "../../template.yaml"

// The template in the repository is the one that the operation table gives.
func TestTemplateIsCurrent(t *testing.T) {
	want, err := render()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("template.yaml is out of date: run go generate ./infra/...")
	}
}

// The template says what the operation table says, read back by a parser that
// knows nothing of how it was written.
func TestTemplateFollowsTheTable(t *testing.T) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfntest.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range cfntest.Check(template, plan.Defaults()) {
		t.Error(fault)
	}
}

// The output ApiUrl is what a path, with its slash, is put after.
func TestURLEndsWithoutSlash(t *testing.T) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, output, _ := strings.Cut(string(data), "\n  ApiUrl:\n")
	_, value, _ := strings.Cut(output, "Value: !Sub ")
	if value, _, _ = strings.Cut(value, "\n"); !strings.HasPrefix(value, "https://") || strings.HasSuffix(value, "/") {
		t.Errorf("the URL is %q", value)
	}
}

// CloudFormation's linter, where it is installed, transforms the template as SAM
// does and finds nothing.
func TestTemplateLints(t *testing.T) {
	linter, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Log("cfn-lint is not installed: the parser's test alone speaks for template.yaml")
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, linter, file).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
