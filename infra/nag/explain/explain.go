// Package explain records why a resource breaks a rule of cdk-nag's AwsSolutions
// pack. It writes the reason to the resource, where cdk-nag and readers of the
// template look for it. It does not need cdk-nag, so it also works in apps
// without it.
package explain

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// These names are cdk-nag's.
const (
	section = "cdk_nag"
	list    = "rules_to_suppress"
	pack    = "AwsSolutions-"
)

// Rule records the reason for breaking a rule, such as APIG3, at a resource or
// at a construct's default child. It keeps an existing reason for the same rule.
// cdk-nag requires at least 10 characters.
func Rule(at constructs.IConstruct, rule, reason string) {
	resource, ok := at.(awscdk.CfnResource)
	if !ok {
		resource = at.Node().DefaultChild().(awscdk.CfnResource)
	}
	known, _ := resource.GetMetadata(jsii.String(section)).(map[string]any)
	rules, _ := known[list].([]any)
	if slices.ContainsFunc(rules, func(r any) bool { one, _ := r.(map[string]any); return one["id"] == pack+rule }) {
		return
	}
	rules = append(rules, map[string]any{"id": pack + rule, "reason": reason})
	resource.AddMetadata(jsii.String(section), map[string]any{list: rules})
}
