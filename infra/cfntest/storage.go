package cfntest

import (
	"strings"

	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// storage checks tables and keys, and learns their names.
func (c *checker) storage() {
	tables := map[string]Resource{}
	for _, table := range c.ofType("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table") {
		tables[text(table.get("TableName"))] = table
		c.table(table)
	}
	sameNames(c, "tables", tables, map[string]bool{
		c.settings.Name: true, c.settings.AuditTable(): true, c.settings.SecretsTable(): true,
	})
	main, audit, secrets := tables[c.settings.Name], tables[c.settings.AuditTable()], tables[c.settings.SecretsTable()]
	c.named["${"+main.ID+".Arn}"] = operations.Table
	c.named["${"+main.ID+".Arn}/index/"+schema.Listing] = operations.Listing
	c.named["${"+audit.ID+".Arn}"] = operations.AuditTable
	c.named["${"+secrets.ID+".Arn}"] = operations.SecretsTable
	c.schema(main, schema.PartitionKey, schema.SortKey, schema.ListingPartitionKey, schema.ListingSortKey)
	c.index(main)
	for _, other := range []Resource{audit, secrets} {
		c.schema(other, schema.PartitionKey, schema.SortKey)
		if other.get("GlobalSecondaryIndexes") != nil {
			c.fault("%s has an index", other.ID)
		}
	}
	c.keys(main, audit, secrets)
}

// table checks what holds for every table.
func (c *checker) table(table Resource) {
	c.equal(table.ID+"'s billing mode", table.get("BillingMode"), "PAY_PER_REQUEST")
	c.equal(table.ID+"'s encryption", table.get("SSESpecification", "SSEEnabled"), true)
	c.equal(table.ID+"'s kind of encryption", table.get("SSESpecification", "SSEType"), "KMS")
	c.equal(table.ID+"'s replicas", len(list(table.get("Replicas"))), 1)
	replica := table.get("Replicas", 0)
	c.equal(table.ID+"'s region", at(replica, "Region"), c.region())
	c.equal(table.ID+"'s deletion protection", at(replica, "DeletionProtectionEnabled"), true)
	c.equal(table.ID+"'s point-in-time recovery", at(replica, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), true)
	if !table.Retained {
		c.fault("%s is not retained", table.ID)
	}
	if table.get("TimeToLiveSpecification") != nil {
		c.fault("%s forgets items", table.ID)
	}
}

// schema checks a table's primary key and that exactly those attributes, all
// text, are declared.
func (c *checker) schema(table Resource, attributes ...string) {
	c.keySchema(table.ID, table.get("KeySchema"), schema.PartitionKey, schema.SortKey)
	got, want := map[string]bool{}, map[string]bool{}
	for _, attribute := range list(table.get("AttributeDefinitions")) {
		got[text(at(attribute, "AttributeName"))+":"+text(at(attribute, "AttributeType"))] = true
	}
	for _, name := range attributes {
		want[name+":S"] = true
	}
	sameNames(c, table.ID+"'s attributes", got, want)
}

func (c *checker) index(table Resource) {
	indexes := list(table.get("GlobalSecondaryIndexes"))
	c.equal(table.ID+"'s number of indexes", len(indexes), 1)
	index := at(indexes, 0)
	c.equal(table.ID+"'s index", at(index, "IndexName"), schema.Listing)
	c.equal(table.ID+"'s projection", at(index, "Projection", "ProjectionType"), "ALL")
	c.keySchema(table.ID+"'s index", at(index, "KeySchema"), schema.ListingPartitionKey, schema.ListingSortKey)
}

func (c *checker) keySchema(what string, got any, partition, sort string) {
	var keys []string
	for _, key := range list(got) {
		keys = append(keys, text(at(key, "AttributeName"))+":"+text(at(key, "KeyType")))
	}
	c.equal(what+"'s key", strings.Join(keys, " "), partition+":HASH "+sort+":RANGE")
}

// keys checks that there are three keys, each with an alias that says what it is
// for, and that one of them serves all tables.
func (c *checker) keys(tables ...Resource) {
	purposes := map[string]operations.Resource{
		"tables": operations.TableKey, "peppers": operations.PepperKey, "secrets": operations.SecretsKey,
	}
	aliases := map[string]bool{}
	for _, alias := range c.ofType("AWS::KMS::Alias") {
		purpose := strings.TrimPrefix(text(alias.get("AliasName")), "alias/"+c.settings.Name+"/")
		aliases[purpose] = true
		c.named[text(alias.get("TargetKeyId"))] = purposes[purpose]
	}
	sameNames(c, "key aliases", aliases, purposes)
	keys := c.ofType("AWS::KMS::Key")
	c.equal("the number of keys", len(keys), len(purposes))
	for _, key := range keys {
		purpose := c.named["${"+key.ID+".Arn}"]
		if purpose == "" {
			c.fault("%s has no alias", key.ID)
		}
		c.equal(key.ID+"'s rotation", key.get("EnableKeyRotation"), true)
		if !key.Retained {
			c.fault("%s is not retained", key.ID)
		}
		if purpose != operations.TableKey {
			c.equal(key.ID+" being multi-Region", key.get("MultiRegion"), true)
		}
	}
	for _, table := range tables {
		arn := text(table.get("Replicas", 0, "SSESpecification", "KMSMasterKeyId"))
		c.equal("the key of "+table.ID, c.named[arn], operations.TableKey)
	}
}

// arnOf is the text by which a policy names a resource.
func (c *checker) arnOf(resource operations.Resource) string {
	for arn, named := range c.named {
		if named == resource {
			return arn
		}
	}
	return ""
}
