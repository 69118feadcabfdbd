package cfntest

import (
	"reflect"
	"strings"
	"testing"
)

// References become comparable texts, in JSON and YAML, in the long form and the
// short.
func TestReadResolves(t *testing.T) {
	const head = `{"Parameters": {"P": {"Default": 5}}, "Resources": {"A": {"Type": "T", "Properties": `
	for source, want := range map[string]any{
		`{"Ref": "P"}`:                                "5",
		`{"Ref": "A"}`:                                "${A}",
		`{"Ref": "AWS::Region"}`:                      "${AWS::Region}",
		`!Ref A`:                                      "${A}",
		`!GetAtt A.Arn`:                               "${A.Arn}",
		`{"Fn::GetAtt": ["A", "Arn"]}`:                "${A.Arn}",
		`{"Fn::GetAtt": "A.Arn"}`:                     "${A.Arn}",
		`!Sub "${P}-${A.Arn}/${!literal}"`:            "5-${A.Arn}/${literal}",
		`{"Fn::Join": ["/", ["x", {"Ref": "P"}, 7]]}`: "x/5/7",
		`!If [C, yes, no]`:                            "yes",
		`"plain"`:                                     "plain",
	} {
		template, err := Read([]byte(head + source + "}}}"))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := text(template.Resources["A"].Properties); got != want {
			t.Errorf("%s = %q, want %q", source, got, want)
		}
	}
}

// A template with an impossible meaning is refused.
func TestReadRefuses(t *testing.T) {
	for source, fault := range map[string]string{
		``:                                     "empty",
		`Resources: {}`:                        "without resources",
		"Resources:\n  A: {Type: T}\n  A: {}":  "already defined",
		`Resources: {A: {Properties: !Ref B}}`: "B, which does not exist",
		`Resources: {A: {Properties: !Sub "${B.Arn}"}}`:     "B.Arn, which does not exist",
		`Resources: {A: {Properties: {"Fn::Base64": "x"}}}`: "unknown function",
		"Resources:\n  A: &a {Type: T}\n  B: *a":            "aliases",
		`Resources: {A: {Properties: {Null: {}}}}`:          "Null is no name",
		"\t": "yaml",
	} {
		_, err := Read([]byte(source))
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: error %v, want one about %q", source, err, fault)
		}
	}
}

// Functions inherit SAM's globals, unless they override them.
func TestReadInherits(t *testing.T) {
	template, err := Read([]byte(`
Globals: {Function: {Runtime: shared, Timeout: 1}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Timeout: 2}}
  B: {Type: AWS::Lambda::Function, Properties: {Timeout: 3}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]any{
		"A": map[string]any{"Runtime": "shared", "Timeout": 2},
		"B": map[string]any{"Timeout": 3},
	} {
		if got := template.Resources[id].Properties; !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v, want %v", id, got, want)
		}
	}
}
