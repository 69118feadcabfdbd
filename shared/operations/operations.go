// Package operations is the one table of what Keyward does: each operation's
// name, route, permission, environment and the AWS actions it needs. The
// functions, the SAM template, the CDK stacks, the OpenAPI document, the local
// gateway and the README's route table all follow it, and a test holds them
// equal.
package operations

import "net/http"

// Dialect is the wire format that an operation speaks.
type Dialect string

// The dialects. A path belongs to exactly one.
const (
	// Canonical is Keyward's own format, after the Polaris document.
	Canonical Dialect = "canonical"
	// Direct is no HTTP at all: the function is invoked by an operator.
	Direct Dialect = "direct"
)

// The permissions of Keyward itself, which every organization's catalogue has.
const (
	// AdministerAPIKeys lets its holder view, create and manage all keys of
	// the organization (the Polaris document).
	AdministerAPIKeys = "AdministerApiKeys"
	// ManageAPIKeys lets its holder list and create keys of the organization,
	// and manage those it created (the Polaris document).
	ManageAPIKeys = "ManageApiKeys"
)

// Operation is one row of the table. Its function is functions/NAME.
type Operation struct {
	// Name is the function's name, such as "create-apikey".
	Name string
	// Summary is one line for the documents.
	Summary string
	// Method and Path are the route; both are empty for a direct operation.
	// Path is an API Gateway template, such as "/v1/apikeys/{id}".
	Method, Path string
	Dialect      Dialect
	// Status is the HTTP status of success.
	Status int
	// Permissions opens the operation to a caller who holds any one of them.
	// Empty: to every valid key, or to everyone where Public is set.
	Permissions []string
	// Public operations stand outside the authorizer.
	Public bool
	// Environment names the variables that the function reads.
	Environment []string
	// Access is all that the function's role may do.
	Access []Access
}

// Access is a set of AWS actions on one resource.
type Access struct {
	Resource Resource
	// Actions are IAM action names, such as "dynamodb:GetItem".
	Actions []string
}

// Resource is something that a role can be given access to.
type Resource string

// The resources of a deployment.
const (
	// Table is the main table, "keyward".
	Table Resource = "table"
	// Listing is the main table's index that lists an organization's keys.
	Listing Resource = "listing"
	// AuditTable is the append-only audit log, "keyward-audit".
	AuditTable Resource = "audit-table"
	// PepperKey is the KMS key that wraps the peppers.
	PepperKey Resource = "pepper-key"
	// TableKey is the KMS key that encrypts the tables. DynamoDB decrypts a
	// table's key in the name of whoever reads or writes an item, so every
	// caller of a table needs it, through DynamoDB alone.
	TableKey Resource = "table-key"
)

// The IAM actions that the table names.
const (
	GetItem    = "dynamodb:GetItem"
	Query      = "dynamodb:Query"
	PutItem    = "dynamodb:PutItem"
	UpdateItem = "dynamodb:UpdateItem"
	DeleteItem = "dynamodb:DeleteItem"
	CheckItem  = "dynamodb:ConditionCheckItem"
	Decrypt    = "kms:Decrypt"
	// GenerateDataKey is the action that makes a pepper without showing it.
	GenerateDataKey = "kms:GenerateDataKeyWithoutPlaintext"
)

// The environment variables that functions read, besides those that Lambda and
// the AWS SDK define.
const (
	// EnvTable is the main table's name.
	EnvTable = "KEYWARD_TABLE"
	// EnvAuditTable is the audit table's name.
	EnvAuditTable = "KEYWARD_AUDIT_TABLE"
	// EnvPepperKey is the id or ARN of the KMS key that wraps the peppers.
	EnvPepperKey = "KEYWARD_PEPPER_KEY"
	// EnvCacheTTL is how long the authorizer may keep a key's record, in whole
	// seconds: 0 to 300, default 5.
	EnvCacheTTL = "KEYWARD_CACHE_TTL_SECONDS"
	// EnvPepperMaxAge is how long a decrypted pepper may be kept, in whole
	// seconds: 1 to 3600, default 900.
	EnvPepperMaxAge = "KEYWARD_PEPPER_MAX_AGE_SECONDS"
	// EnvManagementAPI is the account and id of Keyward's own API, as
	// "ACCOUNT/API_ID", which the authorizer guards by this package's table.
	EnvManagementAPI = "KEYWARD_MANAGEMENT_API"
)

var (
	keyManagers = []string{AdministerAPIKeys, ManageAPIKeys}

	readEnvironment = []string{EnvTable, EnvAuditTable}
	mintEnvironment = []string{EnvTable, EnvAuditTable, EnvPepperKey, EnvPepperMaxAge}
	auditAppend     = Access{AuditTable, []string{PutItem}}
	readItems       = Access{Table, []string{GetItem}}
	throughTableKey = Access{TableKey, []string{Decrypt}}
)

// All is the table, in the order in which documents show it.
var All = []Operation{
	{
		Name: "create-apikey", Summary: "Create an API key; the only answer that shows it whole",
		Method: http.MethodPost, Path: "/v1/apikeys", Dialect: Canonical, Status: http.StatusCreated,
		Permissions: keyManagers, Environment: mintEnvironment,
		Access: []Access{
			{Table, []string{GetItem, Query, PutItem, UpdateItem, CheckItem}},
			auditAppend,
			throughTableKey,
			{PepperKey, []string{Decrypt}},
		},
	},
	{
		Name: "list-apikeys", Summary: "List the organization's API keys",
		Method: http.MethodGet, Path: "/v1/apikeys", Dialect: Canonical, Status: http.StatusOK,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{readItems, {Listing, []string{Query}}, throughTableKey},
	},
	{
		Name: "get-apikey", Summary: "Get one API key",
		Method: http.MethodGet, Path: "/v1/apikeys/{id}", Dialect: Canonical, Status: http.StatusOK,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{readItems, throughTableKey},
	},
	{
		Name: "update-apikey", Summary: "Replace an API key's name, description and permissions",
		Method: http.MethodPut, Path: "/v1/apikeys/{id}", Dialect: Canonical, Status: http.StatusOK,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{
			{Table, []string{GetItem, PutItem, DeleteItem, CheckItem}},
			auditAppend,
			throughTableKey,
		},
	},
	{
		Name: "patch-apikey", Summary: "Change some of an API key's name, description and permissions",
		Method: http.MethodPatch, Path: "/v1/apikeys/{id}", Dialect: Canonical, Status: http.StatusOK,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{
			{Table, []string{GetItem, PutItem, DeleteItem, CheckItem}},
			auditAppend,
			throughTableKey,
		},
	},
	{
		Name: "delete-apikey", Summary: "Delete an API key for good",
		Method: http.MethodDelete, Path: "/v1/apikeys/{id}", Dialect: Canonical, Status: http.StatusNoContent,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{
			{Table, []string{GetItem, UpdateItem, DeleteItem, CheckItem}},
			auditAppend,
			throughTableKey,
		},
	},
	{
		Name: "list-permissions", Summary: "List the permissions that a key can be given",
		Method: http.MethodGet, Path: "/v1/permissions", Dialect: Canonical, Status: http.StatusOK,
		Permissions: keyManagers, Environment: readEnvironment,
		Access: []Access{readItems, throughTableKey},
	},
	{
		Name: "whoami", Summary: "Show the caller's own key",
		Method: http.MethodGet, Path: "/v1/whoami", Dialect: Canonical, Status: http.StatusOK,
		Environment: readEnvironment,
		Access:      []Access{readItems, throughTableKey},
	},
	{
		Name: "get-openapi", Summary: "Get this API's OpenAPI 3.1 document",
		Method: http.MethodGet, Path: "/v1/openapi.json", Dialect: Canonical, Status: http.StatusOK,
		Public: true,
	},
	{
		Name: "bootstrap", Summary: "Make the first pepper, an organization and its first admin key",
		Dialect: Direct, Environment: mintEnvironment,
		Access: []Access{
			{Table, []string{GetItem, Query, PutItem, UpdateItem}},
			auditAppend,
			throughTableKey,
			{PepperKey, []string{GenerateDataKey, Decrypt}},
		},
	},
}

// Authorizer is the Lambda authorizer: no operation of the API, yet a function
// with an environment and a role like the others.
var Authorizer = Operation{
	Name: "authorizer", Summary: "Decide whether a request's API key may use a route",
	Dialect:     Direct,
	Environment: []string{EnvTable, EnvPepperKey, EnvPepperMaxAge, EnvCacheTTL, EnvManagementAPI},
	Access: []Access{
		{Table, []string{GetItem, Query}},
		throughTableKey,
		{PepperKey, []string{Decrypt}},
	},
}

// Functions is every Lambda function: all operations, then the authorizer.
func Functions() []Operation { return append(append([]Operation(nil), All...), Authorizer) }

// Find returns the operation of that name, the authorizer included; ok is
// false where there is none.
func Find(name string) (op Operation, ok bool) {
	for _, op := range Functions() {
		if op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}
