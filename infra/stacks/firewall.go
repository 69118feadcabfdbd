package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// perAddress is how many requests an address may send within five minutes.
const perAddress = 2000

// addFirewall puts AWS WAF before the management API, where it is wanted. A
// request that it blocks gets the gateway's 403.
func (r *Regional) addFirewall(api awsapigateway.RestApi) {
	if !r.settings.Firewall {
		return
	}
	acl := awswafv2.NewCfnWebACL(r.Stack, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Name:          jsii.String(r.settings.Name),
		Description:   jsii.String("Before the management API of Keyward"),
		Scope:         jsii.String("REGIONAL"),
		DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		// Not All or Default_Action: AWS WAF keeps these names for itself.
		VisibilityConfig: seen("Everything"),
		// Should somebody switch its log on, no key will be in it.
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
			// A policy of many permissions is longer than the 8 kB that the
			// rules allow; Keyward has its own limit.
			managedRules("AWSManagedRulesCommonRuleSet", 1, "SizeRestrictions_BODY"),
			managedRules("AWSManagedRulesKnownBadInputsRuleSet", 2),
		},
	})
	stage := fmt.Sprintf("arn:%s:apigateway:%s::/restapis/%s/stages/%s", r.partition(), r.named(r.place), *api.RestApiId(), plan.Stage)
	association := awswafv2.NewCfnWebACLAssociation(r.Stack, jsii.String("FirewallAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: jsii.String(stage), WebAclArn: acl.AttrArn(),
	})
	// The stage's ARN is put together, so nothing else says that it must be there.
	association.Node().AddDependency(api.DeploymentStage())
}

// managedRules are a set of rules that AWS keeps. Those left out only count.
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

// firewallRule blocks what a statement finds; a set of rules decides for itself.
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

// seen has a rule counted, and keeps no sample of requests: a key is in each.
func seen(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName: jsii.String(name), CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(false),
	}
}
