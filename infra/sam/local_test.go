package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// samPseudo holds what sam local uses for CloudFormation's pseudo parameters;
// --region sets the region. This and the rest were read in AWS SAM CLI 1.164.0,
// samcli/lib/intrinsic_resolver.
var samPseudo = map[string]string{
	"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::Region": "us-east-1",
	"AWS::StackName": "local", "AWS::URLSuffix": "localhost",
}

// samRules says how sam local resolves a reference in a function's environment,
// by its target. It resolves no attribute but Arn: the variable is then empty,
// or stays unresolved inside a text.
var samRules = []struct{ function, to, becomes string }{
	{"Ref", "parameter", "DEFAULT"},
	{"Ref", "pseudo parameter", "PSEUDO"},
	{"Ref", "resource", "ID"},
	{"GetAtt", "Arn", "arn:aws:lambda:us-east-1:123456789012:function:ID"},
	{"GetAtt", "other attribute", ""},
}

// samLocal resolves a template's environment variables as sam local does.
type samLocal struct {
	Parameters map[string]struct {
		Default string `yaml:"Default"`
	} `yaml:"Parameters"`
	Resources map[string]struct {
		Properties struct {
			AliasName   yaml.Node `yaml:"AliasName"`
			TableName   yaml.Node `yaml:"TableName"`
			Environment struct {
				Variables map[string]yaml.Node `yaml:"Variables"`
			} `yaml:"Environment"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func (s samLocal) value(node yaml.Node) string {
	switch node.Tag {
	case "!Ref":
		return s.reference("Ref", node.Value)
	case "!GetAtt":
		return s.reference("GetAtt", node.Value)
	case "!Sub":
		return regexp.MustCompile(`\$\{([^}]+)\}`).ReplaceAllStringFunc(node.Value, func(found string) string {
			name := found[2 : len(found)-1]
			if !strings.Contains(name, ".") {
				return s.reference("Ref", name)
			}
			if value := s.reference("GetAtt", name); value != "" {
				return value
			}
			return found
		})
	}
	return node.Value
}

func (s samLocal) reference(function, name string) string {
	id, attribute, _ := strings.Cut(name, ".")
	to := "resource"
	if function == "GetAtt" {
		to = map[bool]string{true: "Arn", false: "other attribute"}[attribute == "Arn"]
	} else if _, ok := samPseudo[name]; ok {
		to = "pseudo parameter"
	} else if _, ok := s.Parameters[name]; ok {
		to = "parameter"
	}
	for _, rule := range samRules {
		if rule.function == function && rule.to == to {
			return strings.NewReplacer("DEFAULT", s.Parameters[name].Default, "PSEUDO", samPseudo[name], "ID", id).Replace(rule.becomes)
		}
	}
	return ""
}

// With sam local invoke, a function uses what was deployed: the tables and keys
// with the template's names. Only the management API's id is unknown before
// deployment; the README tells how to set it.
func TestSAMLocalResolvesTheEnvironment(t *testing.T) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template samLocal
	if err := yaml.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	settings := plan.Defaults()
	want := map[string]string{
		operations.EnvHomeRegion: "us-east-1", operations.EnvManagementAPI: "123456789012/Api",
		operations.EnvTable: settings.Name, operations.EnvAuditTable: settings.AuditTable(), operations.EnvSecretsTable: settings.SecretsTable(), operations.EnvUsageTable: settings.UsageTable(),
		operations.EnvPepperKey: "alias/" + settings.Name + "/peppers", operations.EnvSecretsKey: "alias/" + settings.Name + "/secrets",
	}
	var names []string
	seen := map[string]bool{}
	for _, resource := range template.Resources {
		names = append(names, template.value(resource.Properties.AliasName), template.value(resource.Properties.TableName))
	}
	for id, resource := range template.Resources {
		for variable, node := range resource.Properties.Environment.Variables {
			got, known := template.value(node), want[variable]
			seen[variable] = true
			switch {
			case known != "" && got != known:
				t.Errorf("%s's %s is %q, want %q", id, variable, got, known)
			case known == "" && node.Tag != "" && node.Tag != "!!str" && node.Tag != "!Ref":
				t.Errorf("%s's %s is neither a text nor a parameter: %s", id, variable, node.Tag)
			case strings.HasSuffix(variable, "TABLE") || strings.HasSuffix(variable, "_KEY"):
				if !slices.Contains(names, got) {
					t.Errorf("%s's %s is %q, and the template names nothing so", id, variable, got)
				}
			}
		}
	}
	for variable := range maps.Keys(want) {
		if !seen[variable] {
			t.Errorf("no function has %s", variable)
		}
	}
}

// The test can fail: sam local does not resolve a reference to a table or a key
// as CloudFormation does.
func TestSAMLocalDoesNotResolveReferences(t *testing.T) {
	for _, c := range []struct{ tag, value, want string }{
		{"!Ref", "Table", "Table"},
		{"!GetAtt", "PepperKey.Arn", "arn:aws:lambda:us-east-1:123456789012:function:PepperKey"},
		{"!GetAtt", "PepperKey.KeyId", ""},
		{"!Sub", "a/${PepperKey.KeyId}", "a/${PepperKey.KeyId}"},
	} {
		if got := (samLocal{}).value(yaml.Node{Tag: c.tag, Value: c.value}); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.tag, c.value, got, c.want)
		}
	}
}
