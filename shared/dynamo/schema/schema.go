// Package schema holds the names that the DynamoDB store and the stacks that
// create its tables must agree on.
package schema

// The attributes of the keys of both tables, and of the index.
const (
	PartitionKey = "pk"
	SortKey      = "sk"

	// Listing is the main table's index over an organization's keys in order
	// of creation. It is for listing alone: authentication reads the table.
	Listing             = "listing"
	ListingPartitionKey = "lpk"
	ListingSortKey      = "lsk"
)

// The tables' names where a deployment does not choose its own.
const (
	TableName        = "keyward"
	AuditTableName   = "keyward-audit"
	SecretsTableName = "keyward-secrets"
)
