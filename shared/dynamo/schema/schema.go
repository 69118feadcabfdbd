// Package schema holds the names that the DynamoDB store and the stacks that
// create its tables must agree on.
package schema

// The key attributes of the tables and of the index.
const (
	PartitionKey = "pk"
	SortKey      = "sk"

	// Listing is the main table's index of an organization's keys in order of
	// creation. It is only for listing: authentication reads the table.
	Listing             = "listing"
	ListingPartitionKey = "lpk"
	ListingSortKey      = "lsk"

	// Used is the usage table's index of an organization's keys in order of last
	// use, with the same attributes as [Listing].
	Used = "org"
	// TimeToLive holds when DynamoDB removes an item, in seconds since 1970. The
	// items of the usage table have it, and in the main table only the outcomes of
	// requests. Everything else goes by a change, with its audit record.
	TimeToLive = "ttl"
)

// The default names of the tables.
const (
	TableName        = "keyward"
	AuditTableName   = "keyward-audit"
	SecretsTableName = "keyward-secrets"
	UsageTableName   = "keyward-usage"
)
