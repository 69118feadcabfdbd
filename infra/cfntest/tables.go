package cfntest

import (
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// tables checks the four tables and returns their logical ids. Each must have a
// replica in each of those regions, encrypted with that key.
func (c *checker) tables(replicas map[string]string) map[operations.Resource]string {
	tables := map[string]Resource{}
	for _, table := range c.ofType("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table") {
		tables[text(table.get("TableName"))] = table
		c.table(table, replicas)
	}
	sameNames(c, "tables", tables, map[string]bool{
		c.settings.Name: true, c.settings.AuditTable(): true, c.settings.SecretsTable(): true, c.settings.UsageTable(): true,
	})
	main, audit, secrets, usage := tables[c.settings.Name], tables[c.settings.AuditTable()], tables[c.settings.SecretsTable()], tables[c.settings.UsageTable()]
	for table, index := range map[*Resource]string{&main: schema.Listing, &usage: schema.Used} {
		c.schema(*table, schema.PartitionKey, schema.SortKey, schema.ListingPartitionKey, schema.ListingSortKey)
		c.index(*table, index)
		c.forgets(*table, schema.TimeToLive)
	}
	for _, other := range []Resource{audit, secrets} {
		c.schema(other, schema.PartitionKey, schema.SortKey)
		if other.get("GlobalSecondaryIndexes") != nil {
			c.fault("%s has an index", other.ID)
		}
		c.forgets(other, "")
	}
	return map[operations.Resource]string{operations.Table: main.ID, operations.AuditTable: audit.ID, operations.SecretsTable: secrets.ID, operations.UsageTable: usage.ID}
}

// table checks the rules for every table.
func (c *checker) table(table Resource, replicas map[string]string) {
	c.equal(table.ID+"'s billing mode", table.get("BillingMode"), "PAY_PER_REQUEST")
	c.equal(table.ID+"'s encryption", table.get("SSESpecification", "SSEEnabled"), true)
	c.equal(table.ID+"'s kind of encryption", table.get("SSESpecification", "SSEType"), "KMS")
	c.equal(table.ID+"'s stream", table.get("StreamSpecification", "StreamViewType"), "NEW_AND_OLD_IMAGES")
	got := map[string]bool{}
	for _, replica := range iam.OneOrMany(table.get("Replicas")) {
		region := text(at(replica, "Region"))
		got[region] = true
		c.equal(table.ID+"'s deletion protection", at(replica, "DeletionProtectionEnabled"), true)
		c.equal(table.ID+"'s point-in-time recovery", at(replica, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), true)
		c.equal("the key of "+table.ID, at(replica, "SSESpecification", "KMSMasterKeyId"), replicas[region])
	}
	sameNames(c, table.ID+"'s replicas", got, replicas)
	if !table.Retained {
		c.fault("%s is not retained", table.ID)
	}
}

// forgets checks by which attribute a table forgets items; "" for none.
func (c *checker) forgets(table Resource, attribute string) {
	if attribute == "" {
		if table.get("TimeToLiveSpecification") != nil {
			c.fault("%s forgets items", table.ID)
		}
		return
	}
	c.equal("what "+table.ID+" forgets items by", table.get("TimeToLiveSpecification", "AttributeName"), attribute)
	c.equal(table.ID+" forgets items,", table.get("TimeToLiveSpecification", "Enabled"), true)
}

// schema checks a table's primary key, and that it declares exactly those
// attributes, all of type string.
func (c *checker) schema(table Resource, attributes ...string) {
	c.keySchema(table.ID, table.get("KeySchema"), schema.PartitionKey, schema.SortKey)
	got, want := map[string]bool{}, map[string]bool{}
	for _, attribute := range iam.OneOrMany(table.get("AttributeDefinitions")) {
		got[text(at(attribute, "AttributeName"))+":"+text(at(attribute, "AttributeType"))] = true
	}
	for _, name := range attributes {
		want[name+":S"] = true
	}
	sameNames(c, table.ID+"'s attributes", got, want)
}

func (c *checker) index(table Resource, name string) {
	indexes := iam.OneOrMany(table.get("GlobalSecondaryIndexes"))
	c.equal(table.ID+"'s number of indexes", len(indexes), 1)
	index := at(indexes, 0)
	c.equal(table.ID+"'s index", at(index, "IndexName"), name)
	c.equal(table.ID+"'s projection", at(index, "Projection", "ProjectionType"), "ALL")
	c.keySchema(table.ID+"'s index", at(index, "KeySchema"), schema.ListingPartitionKey, schema.ListingSortKey)
}

func (c *checker) keySchema(what string, got any, partition, sort string) {
	var keys []string
	for _, key := range iam.OneOrMany(got) {
		keys = append(keys, text(at(key, "AttributeName"))+":"+text(at(key, "KeyType")))
	}
	c.equal(what+"'s key", strings.Join(keys, " "), partition+":HASH "+sort+":RANGE")
}
