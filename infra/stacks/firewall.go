package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// perAddress is how many requests an address may send in five minutes.
const perAddress = 2000

// addFirewall puts AWS WAF in front of the management API if the settings ask
// for it. A blocked request gets the gateway's 403.
func (r *Regional) addFirewall(api awsapigateway.RestApi) {
	if !r.settings.Firewall {
		return
	}
	acl := awswafv2.NewCfnWebACL(r.Stack, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Name:          jsii.String(r.settings.Name),
		Description:   jsii.String("Before the management API of Keyward"),
		Scope:         jsii.String("REGIONAL"),
		DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		// AWS WAF reserves the names All and Default_Action.
		VisibilityConfig: seen("Everything"),
		// This keeps keys out of the log if somebody turns it on.
		DataProtectionConfig: &awswafv2.CfnWebACL_DataProtectionConfigProperty{
			DataProtections: []any{&awswafv2.CfnWebACL_DataProtectProperty{
				Action: jsii.String("SUBSTITUTION"),
				Field: &awswafv2.CfnWebACL_FieldToProtectProperty{
					FieldType: jsii.String("SINGLE_HEADER"), FieldKeys: jsii.Strings("authorization"),
				},
			}},
		},
		Rules: []any{
			firewallRule("PerAddress", 0, &awswafv2.CfnWebACL_StatementProperty{
				RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
					AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(perAddress), EvaluationWindowSec: jsii.Number(300),
				},
			}),
			// A policy with many permissions exceeds the rule's limit of 8 kB; Keyward
			// has its own limit.
			managedRules("AWSManagedRulesCommonRuleSet", 1, "SizeRestrictions_BODY"),
			managedRules("AWSManagedRulesKnownBadInputsRuleSet", 2),
		},
	})
	stage := fmt.Sprintf("arn:%s:apigateway:%s::/restapis/%s/stages/%s", r.partition(), r.named(r.place), *api.RestApiId(), plan.Stage)
	association := awswafv2.NewCfnWebACLAssociation(r.Stack, jsii.String("FirewallAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: jsii.String(stage), WebAclArn: acl.AttrArn(),
	})
	// The stage's ARN is assembled from parts, so nothing else creates this
	// dependency.
	association.Node().AddDependency(api.DeploymentStage())
}

// managedRules returns a rule set that AWS maintains. The rules in leftOut only
// count.
func managedRules(name string, priority int, leftOut ...string) *awswafv2.CfnWebACL_RuleProperty {
	var overrides []any
	for _, rule := range leftOut {
		overrides = append(overrides, &awswafv2.CfnWebACL_RuleActionOverrideProperty{
			Name: jsii.String(rule), ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: map[string]any{}},
		})
	}
	group := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: jsii.String(name)}
	if overrides != nil {
		group.RuleActionOverrides = overrides
	}
	return firewallRule(name, priority, &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: group})
}

// firewallRule returns a rule that blocks what a statement matches; a rule set
// decides for itself.
func firewallRule(name string, priority int, statement *awswafv2.CfnWebACL_StatementProperty) *awswafv2.CfnWebACL_RuleProperty {
	rule := &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(priority), Statement: statement, VisibilityConfig: seen(name),
	}
	if statement.ManagedRuleGroupStatement != nil {
		rule.OverrideAction = &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
	} else {
		rule.Action = &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}}
	}
	return rule
}

// seen returns the settings that count a rule's requests. They keep no samples,
// because each request contains a key.
func seen(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName: jsii.String(name), CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(false),
	}
}
