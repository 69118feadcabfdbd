package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// addSchedules makes EventBridge invoke this region's scheduled functions. Each
// has its own rule, and only that rule may invoke it.
func (r *Regional) addSchedules() {
	for _, op := range operations.All() {
		function, here := r.functions[op.Name]
		schedule := r.settings.ScheduleOf(op)
		if schedule == (plan.Schedule{}) || !here {
			continue
		}
		rule := awsevents.NewCfnRule(r.Stack, jsii.String(function.LogicalID+"Rule"), &awsevents.CfnRuleProps{
			Description:        jsii.String("Invokes " + op.Name),
			ScheduleExpression: jsii.String(schedule.Expression),
			State:              jsii.String("ENABLED"),
			Targets: []any{&awsevents.CfnRule_TargetProperty{
				Id: jsii.String("Function"), Arn: function.lambda.FunctionArn(), Input: jsii.String(schedule.Event),
			}},
		})
		awslambda.NewCfnPermission(r.Stack, jsii.String(function.LogicalID+"Permission"), &awslambda.CfnPermissionProps{
			Action:       jsii.String("lambda:InvokeFunction"),
			FunctionName: function.lambda.FunctionArn(),
			Principal:    jsii.String("events.amazonaws.com"),
			SourceArn:    rule.AttrArn(),
		})
	}
}
