package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// newGlobal returns the stack that all regions share: the tables, with a replica
// of each in every region. They outlive the stack.
func newGlobal(scope constructs.Construct, settings plan.Settings) stack {
	g := newStack(scope, settings.GlobalStack(), "Keyward: tables", settings.Primary(), settings).keep()
	main := g.newTable("Table", settings.Name, schema.Listing)
	usage := g.newTable("UsageTable", settings.UsageTable(), schema.Used)
	// Only uses, and the outcomes of requests, are forgotten. Every other deletion
	// must leave an audit record.
	for _, forgetful := range []awsdynamodb.CfnGlobalTable{main, usage} {
		forgetful.SetTimeToLiveSpecification(&awsdynamodb.CfnGlobalTable_TimeToLiveSpecificationProperty{
			AttributeName: jsii.String(schema.TimeToLive), Enabled: jsii.Bool(true),
		})
	}
	g.exportStreams(map[operations.Resource]awsdynamodb.CfnGlobalTable{
		operations.Table:        main,
		operations.AuditTable:   g.newTable("AuditTable", settings.AuditTable(), ""),
		operations.SecretsTable: g.newTable("SecretsTable", settings.SecretsTable(), ""),
		operations.UsageTable:   usage,
	})
	return g
}

// newTable adds a global table with a replica in each region. Unless index is empty,
// the table has an index of that name over the listing attributes. Regions can be
// added to it, but not to a plain table. It uses the CloudFormation resource,
// because CDK's construct accepts a customer-managed key only if the region is
// fixed beforehand.
func (s stack) newTable(id, name string, index string) awsdynamodb.CfnGlobalTable {
	attributes := []string{schema.PartitionKey, schema.SortKey}
	if index != "" {
		attributes = append(attributes, schema.ListingPartitionKey, schema.ListingSortKey)
	}
	table := awsdynamodb.NewCfnGlobalTable(s.Stack, jsii.String(id), &awsdynamodb.CfnGlobalTableProps{
		TableName:            jsii.String(name),
		BillingMode:          jsii.String("PAY_PER_REQUEST"),
		AttributeDefinitions: definitions(attributes),
		KeySchema:            keySchema(schema.PartitionKey, schema.SortKey),
		SseSpecification: &awsdynamodb.CfnGlobalTable_SSESpecificationProperty{
			SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"),
		},
		// Replication uses the stream, and so do functions. It must exist before there
		// is a second replica, and costs nothing while nobody reads it.
		StreamSpecification: &awsdynamodb.CfnGlobalTable_StreamSpecificationProperty{
			StreamViewType: jsii.String("NEW_AND_OLD_IMAGES"),
		},
		Replicas: s.replicas(),
	})
	if index != "" {
		table.SetGlobalSecondaryIndexes([]any{&awsdynamodb.CfnGlobalTable_GlobalSecondaryIndexProperty{
			IndexName:  jsii.String(index),
			KeySchema:  keySchema(schema.ListingPartitionKey, schema.ListingSortKey),
			Projection: &awsdynamodb.CfnGlobalTable_ProjectionProperty{ProjectionType: jsii.String("ALL")},
		}})
	}
	table.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return table
}

// exportStreams exports the streams that invoke functions, whose names are known
// only after deployment.
func (s stack) exportStreams(tables map[operations.Resource]awsdynamodb.CfnGlobalTable) {
	exported := map[operations.Resource]bool{}
	for _, op := range operations.All() {
		if op.Stream == "" || exported[op.Stream] {
			continue
		}
		exported[op.Stream] = true
		awscdk.NewCfnOutput(s.Stack, jsii.String(plan.LogicalID(string(operations.StreamOf(op.Stream)))), &awscdk.CfnOutputProps{
			Description: jsii.String("The stream that invokes functions"),
			Value:       tables[op.Stream].AttrStreamArn(),
			ExportName:  jsii.String(s.settings.StreamExport(op.Stream)),
		})
	}
}

// replicas returns the table's replica in every region, each encrypted with that
// region's key.
func (s stack) replicas() []any {
	var replicas []any
	for _, region := range s.settings.Places() {
		replicas = append(replicas, &awsdynamodb.CfnGlobalTable_ReplicaSpecificationProperty{
			Region:                    jsii.String(s.named(region)),
			DeletionProtectionEnabled: jsii.Bool(true),
			PointInTimeRecoverySpecification: &awsdynamodb.CfnGlobalTable_PointInTimeRecoverySpecificationProperty{
				PointInTimeRecoveryEnabled: jsii.Bool(true),
			},
			SseSpecification: &awsdynamodb.CfnGlobalTable_ReplicaSSESpecificationProperty{
				KmsMasterKeyId: s.keyARN(operations.TableKey, region),
			},
			Tags: s.tags(),
		})
	}
	return replicas
}

// tags returns a replica's tags, which CDK does not set.
func (s stack) tags() *[]*awscdk.CfnTag {
	if len(s.settings.Tags) == 0 {
		return nil
	}
	var tags []*awscdk.CfnTag
	for _, key := range slices.Sorted(maps.Keys(s.settings.Tags)) {
		tags = append(tags, &awscdk.CfnTag{Key: jsii.String(key), Value: jsii.String(s.settings.Tags[key])})
	}
	return &tags
}

func keySchema(partition, sort string) []any {
	return []any{
		&awsdynamodb.CfnGlobalTable_KeySchemaProperty{AttributeName: jsii.String(partition), KeyType: jsii.String("HASH")},
		&awsdynamodb.CfnGlobalTable_KeySchemaProperty{AttributeName: jsii.String(sort), KeyType: jsii.String("RANGE")},
	}
}

func definitions(names []string) []any {
	var attributes []any
	for _, name := range names {
		attributes = append(attributes, &awsdynamodb.CfnGlobalTable_AttributeDefinitionProperty{
			AttributeName: jsii.String(name), AttributeType: jsii.String("S"),
		})
	}
	return attributes
}
