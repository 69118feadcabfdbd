package cfntest

import (
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
)

// streams checks that each function with a stream, and no other, is invoked by
// it, and that what it cannot handle goes to an encrypted queue of its own.
func (c *checker) streams() {
	got, queues, want := map[string]Resource{}, map[string]Resource{}, map[string]bool{}
	for _, mapping := range c.ofType("AWS::Lambda::EventSourceMapping") {
		got[idIn(mapping.get("FunctionName"))] = mapping
	}
	for _, queue := range c.ofType("AWS::SQS::Queue") {
		queues[text(queue.get("QueueName"))] = queue
	}
	wanted := map[string]bool{}
	for _, function := range c.names.functions {
		if function.Stream == "" {
			continue
		}
		id, name := c.idOf(function.Name), c.settings.DeadLetters(function.Operation)
		want[id], wanted[name] = true, true
		c.mapping(got[id], function)
		c.deadLetters(queues[name], function)
	}
	sameNames(c, "functions with a stream", got, want)
	sameNames(c, "queues", queues, wanted)
}

func (c *checker) mapping(mapping Resource, function plan.Function) {
	for property, want := range map[string]any{
		"EventSourceArn": c.names.stream(function.Stream), "StartingPosition": "TRIM_HORIZON", "BatchSize": plan.StreamBatch,
		"BisectBatchOnFunctionError": true, "FunctionResponseTypes": "[ReportBatchItemFailures]",
		"MaximumRetryAttempts": plan.StreamRetries, "MaximumRecordAgeInSeconds": plan.StreamAgeSeconds,
	} {
		c.equal(function.Name+"'s "+property, mapping.get(property), want)
	}
	queue := c.Resources[idIn(mapping.get("DestinationConfig", "OnFailure", "Destination"))]
	c.equal(function.Name+"'s queue for dead letters", queue.get("QueueName"), c.settings.DeadLetters(function.Operation))
}

// deadLetters checks a queue, and that it refuses requests without TLS.
func (c *checker) deadLetters(queue Resource, function plan.Function) {
	c.equal(function.Name+"'s queue: encryption", queue.get("SqsManagedSseEnabled"), true)
	c.equal(function.Name+"'s queue: retention", queue.get("MessageRetentionPeriod"), plan.DeadLetterSeconds)
	refused := false
	for _, policy := range c.ofType("AWS::SQS::QueuePolicy") {
		for _, statement := range iam.OneOrMany(policy.get("PolicyDocument", "Statement")) {
			if at(statement, "Effect") != "Deny" {
				c.fault("%s lets somebody in", policy.ID)
			}
			refused = refused || strings.Contains(text(policy.get("Queues")), queue.ID) &&
				text(at(statement, "Condition", "Bool", "aws:SecureTransport")) == "false"
		}
	}
	if !refused {
		c.fault("%s's queue takes requests without TLS", function.Name)
	}
}
