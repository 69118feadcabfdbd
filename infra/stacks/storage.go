package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// storage is what outlives every function: tables and keys, all retained when
// the stack is deleted.
type storage struct {
	table, audit, secrets           awsdynamodb.CfnGlobalTable
	tableKey, pepperKey, secretsKey awskms.Key
}

// newStorage keeps three keys, because they are switched off for different
// reasons. Disabling the pepper key is the emergency stop: nothing verifies any
// more, and nothing is lost. Disabling the secrets' key ends all revealing of
// keys and nothing else. Disabling the tables' key makes DynamoDB archive the
// tables after a week.
func (r *Regional) newStorage() storage {
	var s storage
	s.tableKey = r.newKey("TableKey", "tables", "Encrypts Keyward's tables", nil)
	// Being multi-Region cannot be changed later, and other regions will have
	// to decrypt the same peppers, and one of them to take over as the home of
	// the copies.
	s.pepperKey = r.newKey("PepperKey", "peppers", "Wraps Keyward's peppers", jsii.Bool(true))
	s.secretsKey = r.newKey("SecretsKey", "secrets", "Encrypts Keyward's copies of recoverable keys", jsii.Bool(true))
	s.table = r.newTable("Table", r.settings.Name, s.tableKey, index{schema.Listing, schema.ListingPartitionKey, schema.ListingSortKey})
	s.audit = r.newTable("AuditTable", r.settings.AuditTable(), s.tableKey)
	s.secrets = r.newTable("SecretsTable", r.settings.SecretsTable(), s.tableKey)
	return s
}

func (r *Regional) newKey(id, alias, description string, multiRegion *bool) awskms.Key {
	return awskms.NewKey(r.Stack, jsii.String(id), &awskms.KeyProps{
		Alias:             jsii.String(r.settings.Name + "/" + alias),
		Description:       jsii.String(description),
		EnableKeyRotation: jsii.Bool(true),
		MultiRegion:       multiRegion,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
	})
}

// index is a global secondary index that holds whole items.
type index struct{ name, partitionKey, sortKey string }

// newTable makes a global table of one replica: other regions can be added to
// it, which they cannot to a plain table. It is CloudFormation's own resource
// because CDK's construct takes a customer-managed key only where the region is
// fixed beforehand.
func (r *Regional) newTable(id, name string, key awskms.IKey, indexes ...index) awsdynamodb.CfnGlobalTable {
	attributes := []string{schema.PartitionKey, schema.SortKey}
	var secondary []any
	for _, index := range indexes {
		attributes = append(attributes, index.partitionKey, index.sortKey)
		secondary = append(secondary, &awsdynamodb.CfnGlobalTable_GlobalSecondaryIndexProperty{
			IndexName:  jsii.String(index.name),
			KeySchema:  keySchema(index.partitionKey, index.sortKey),
			Projection: &awsdynamodb.CfnGlobalTable_ProjectionProperty{ProjectionType: jsii.String("ALL")},
		})
	}
	table := awsdynamodb.NewCfnGlobalTable(r.Stack, jsii.String(id), &awsdynamodb.CfnGlobalTableProps{
		TableName:            jsii.String(name),
		BillingMode:          jsii.String("PAY_PER_REQUEST"),
		AttributeDefinitions: definitions(attributes),
		KeySchema:            keySchema(schema.PartitionKey, schema.SortKey),
		SseSpecification: &awsdynamodb.CfnGlobalTable_SSESpecificationProperty{
			SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"),
		},
		Replicas: []any{&awsdynamodb.CfnGlobalTable_ReplicaSpecificationProperty{
			Region:                    r.Region(),
			DeletionProtectionEnabled: jsii.Bool(true),
			PointInTimeRecoverySpecification: &awsdynamodb.CfnGlobalTable_PointInTimeRecoverySpecificationProperty{
				PointInTimeRecoveryEnabled: jsii.Bool(true),
			},
			SseSpecification: &awsdynamodb.CfnGlobalTable_ReplicaSSESpecificationProperty{KmsMasterKeyId: key.KeyArn()},
		}},
	})
	if secondary != nil {
		table.SetGlobalSecondaryIndexes(secondary)
	}
	table.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return table
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

// arn is the resource as a policy names it.
func (s storage) arn(resource operations.Resource) *string {
	switch resource {
	case operations.Table:
		return s.table.AttrArn()
	case operations.Listing:
		return jsii.String(*s.table.AttrArn() + "/index/" + schema.Listing)
	case operations.AuditTable:
		return s.audit.AttrArn()
	case operations.SecretsTable:
		return s.secrets.AttrArn()
	case operations.PepperKey:
		return s.pepperKey.KeyArn()
	case operations.SecretsKey:
		return s.secretsKey.KeyArn()
	case operations.TableKey:
		return s.tableKey.KeyArn()
	}
	panic("stacks: the operation table names an unknown resource: " + string(resource))
}
