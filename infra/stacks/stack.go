package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// stack holds what all stacks have in common: where they are, and how they name
// resources of other stacks.
type stack struct {
	awscdk.Stack
	settings plan.Settings
}

// newStack adds a stack in a region. If region is empty, the credentials decide.
func newStack(scope constructs.Construct, name, description, region string, settings plan.Settings) stack {
	options := &awscdk.StackProps{
		Description: jsii.String(description),
		// The metadata resource would only report to AWS which constructs are used.
		AnalyticsReporting: jsii.Bool(false),
	}
	if region != "" {
		options.Env = &awscdk.Environment{Account: jsii.String(settings.Account), Region: jsii.String(region)}
	}
	return stack{awscdk.NewStack(scope, jsii.String(name), options), settings}
}

// keep turns on termination protection. CloudFormation would keep the stack's
// resources, but nothing would manage them any more.
func (s stack) keep() stack {
	s.SetTerminationProtection(jsii.Bool(true))
	return s
}

func (s stack) output(id, description string, value *string) {
	awscdk.NewCfnOutput(s.Stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}

// named returns a region's name. If region is empty, it returns the stack's own.
func (s stack) named(region string) string {
	if region == "" {
		return *s.Region()
	}
	return region
}

// partition returns the partition of the deployment's regions, or the stack's
// own if they are unknown.
func (s stack) partition() string {
	if region := s.settings.Primary(); region != "" {
		return plan.Partition(region)
	}
	return *s.Partition()
}

func (s stack) arn(service, region, resource string) *string {
	return jsii.String(strings.Join([]string{"arn", s.partition(), service, s.named(region), *s.Account(), resource}, ":"))
}

// keyARN returns the ARN of a key in a region. A multi-Region key has the same
// id everywhere. If the settings do not have it, there is only one region, and
// the keys' stack exports it.
func (s stack) keyARN(resource operations.Resource, region string) *string {
	for _, key := range plan.Keys {
		if key.Resource != resource {
			continue
		}
		id, known := s.settings.KeyIDs[key.Purpose]
		if !known {
			id = *awscdk.Fn_ImportValue(jsii.String(exportName(s.settings, key)))
		}
		return s.arn("kms", region, "key/"+id)
	}
	panic("stacks: " + resource + " is no key")
}

// resourceARNs returns the ARNs of a resource in a policy, for an operation whose
// function is in a region. There are two of the key of tables and of a stream in
// different regions.
func (s stack) resourceARNs(resource operations.Resource, op operations.Operation, region string) *[]*string {
	var arns []*string
	switch resource {
	case operations.TableKey:
		for _, tables := range s.settings.KeyRegions(op, region) {
			arns = append(arns, s.keyARN(resource, tables))
		}
	case operations.Replicas:
		for _, other := range s.settings.Replicas() {
			arns = append(arns, s.arn("dynamodb", other, "table/"+s.settings.Name))
		}
	default:
		arns = append(arns, s.resourceARN(resource, op, region))
	}
	return &arns
}

// resourceARN returns the ARN of a resource that is not the tables' key. Tables
// may be the home region's; all else is the region's own.
func (s stack) resourceARN(resource operations.Resource, op operations.Operation, region string) *string {
	table, audit, usage := "table/"+s.settings.Name, "table/"+s.settings.AuditTable(), "table/"+s.settings.UsageTable()
	items := map[operations.Resource]string{
		operations.Table: table, operations.Listing: table + "/index/" + schema.Listing,
		operations.AuditTable: audit, operations.SecretsTable: "table/" + s.settings.SecretsTable(),
		operations.UsageTable: usage, operations.UsageIndex: usage + "/index/" + schema.Used,
	}
	if of, ok := items[resource]; ok {
		return s.arn("dynamodb", s.settings.TableRegion(op, region), of)
	}
	switch resource {
	case operations.StreamOf(operations.AuditTable):
		return s.arn("dynamodb", region, audit+"/stream/*")
	case operations.StreamOf(operations.UsageTable):
		return s.arn("dynamodb", region, usage+"/stream/*")
	case operations.DeadLetters:
		return s.arn("sqs", region, s.settings.DeadLetters(op))
	case operations.EventBus:
		return s.busARN(region)
	}
	return s.keyARN(resource, region)
}

// busARN returns the ARN of the owner's bus, which the settings name or state.
func (s stack) busARN(region string) *string {
	if bus := s.settings.EventBus; strings.HasPrefix(bus, "arn:") {
		return &bus
	}
	return s.arn("events", region, "event-bus/"+s.settings.EventBus)
}
