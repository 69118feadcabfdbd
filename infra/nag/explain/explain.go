// Package explain writes why a resource does not follow a rule of cdk-nag's pack
// AwsSolutions where cdk-nag, and whoever reads the template, finds it: at the
// resource. It needs no cdk-nag, so that an app without it can be explained too.
package explain

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The names are cdk-nag's.
const (
	section = "cdk_nag"
	list    = "rules_to_suppress"
	pack    = "AwsSolutions-"
)

// Rule explains a rule, such as APIG3, at a resource, or at the one that a
// construct is made for. What is explained there already, by whomever, stays.
// cdk-nag wants a reason of 10 characters or more.
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
