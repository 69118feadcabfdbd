package main

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
)

const file = "../../template.yaml"

// The committed template is the one that the operation table generates.
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

// The template matches the operation table, as read by an independent parser.
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

// The output ApiUrl has no slash at the end.
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

// A failed first deployment leaves neither keys nor logs behind. Tables refuse
// to be deleted, and stay as in the CDK stacks.
func TestFailedDeploymentLeavesNothing(t *testing.T) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]int{}
	for _, found := range regexp.MustCompile(`\n    Type: (\S+)(?:\n    Condition: \S+)?\n    DeletionPolicy: (\S+)\n    UpdateReplacePolicy: Retain\n`).FindAllStringSubmatch(string(data), -1) {
		kept[found[1]+" "+found[2]]++
	}
	want := map[string]int{
		"AWS::KMS::Key RetainExceptOnCreate": len(plan.Keys), "AWS::Logs::LogGroup RetainExceptOnCreate": len(plan.Functions()) + 1,
		"AWS::DynamoDB::GlobalTable Retain": 4, "AWS::IAM::Role Retain": 1, "AWS::ApiGateway::Account Retain": 1,
	}
	if !maps.Equal(kept, want) {
		t.Errorf("kept are %v, want %v", kept, want)
	}
}

// SAM accepts the template: its resource types, properties and values match
// AWS's specification.
func TestTemplateLints(t *testing.T) {
	specification, err := cfntest.ReadSpecification("..")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range specification.Lint(data) {
		t.Error(fault)
	}
}
