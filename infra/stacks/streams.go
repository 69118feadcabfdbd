package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// streamed returns the region's functions that a table's stream invokes.
func (r *Regional) streamed() (all []operations.Operation) {
	for _, op := range operations.All() {
		if _, here := r.functions[op.Name]; here && op.Stream != "" {
			all = append(all, op)
		}
	}
	return all
}

// addStreams makes Lambda invoke functions with the changes in their tables'
// streams. What a function cannot handle goes to its queue for dead letters, so
// that it does not hold up the changes behind it.
func (r *Regional) addStreams() {
	for _, op := range r.streamed() {
		function := r.functions[op.Name]
		queue := r.newDeadLetters(function)
		awslambda.NewCfnEventSourceMapping(r.Stack, jsii.String(function.LogicalID+"Stream"), &awslambda.CfnEventSourceMappingProps{
			FunctionName:               function.lambda.FunctionArn(),
			EventSourceArn:             awscdk.Fn_ImportValue(jsii.String(r.settings.StreamExport(op.Stream))),
			StartingPosition:           jsii.String("TRIM_HORIZON"),
			BatchSize:                  jsii.Number(plan.StreamBatch),
			BisectBatchOnFunctionError: jsii.Bool(true),
			FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
			MaximumRetryAttempts:       jsii.Number(plan.StreamRetries),
			MaximumRecordAgeInSeconds:  jsii.Number(plan.StreamAgeSeconds),
			DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
				OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: queue.QueueArn()},
			},
		})
	}
}

// newDeadLetters returns a function's encrypted queue for dead letters. The role
// of the function has the right to write to it.
func (r *Regional) newDeadLetters(function function) awssqs.Queue {
	queue := awssqs.NewQueue(r.Stack, jsii.String(function.LogicalID+"DeadLetters"), &awssqs.QueueProps{
		QueueName:       jsii.String(r.settings.DeadLetters(function.Operation)),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Seconds(jsii.Number(plan.DeadLetterSeconds)),
	})
	explain.Rule(queue, "SQS3", "It is the queue for dead letters itself.")
	return queue
}
