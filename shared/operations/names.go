package operations

// Resource is an AWS resource that a role can be granted access to.
type Resource string

// The resources of a deployment.
const (
	// Table is the main table, "keyward".
	Table Resource = "table"
	// Replicas are the main table's replicas outside the home region.
	Replicas Resource = "replicas"
	// Listing is the main table's index that lists an organization's keys.
	Listing Resource = "listing"
	// AuditTable is the append-only audit log, "keyward-audit".
	AuditTable Resource = "audit-table"
	// SecretsTable holds the encrypted copies of recoverable keys,
	// "keyward-secrets".
	SecretsTable Resource = "secrets-table"
	// UsageTable holds what each key was used for, "keyward-usage".
	UsageTable Resource = "usage-table"
	// UsageIndex is the usage table's index of an organization's keys by last use.
	UsageIndex Resource = "usage-index"
	// PepperKey is the KMS key that wraps the peppers.
	PepperKey Resource = "pepper-key"
	// SecretsKey is the KMS key that encrypts the copies of recoverable keys.
	SecretsKey Resource = "secrets-key"
	// TableKey is the KMS key that encrypts the tables. DynamoDB uses it on behalf
	// of whoever reads or writes an item. So every caller of a table needs access
	// to it, but only through DynamoDB.
	TableKey Resource = "table-key"
	// DeadLetters is the queue for what a function could not handle of its stream.
	// Each such function has its own.
	DeadLetters Resource = "dead-letters"
	// EventBus is the owner's EventBridge bus.
	EventBus Resource = "event-bus"
)

// StreamOf returns the resource that is a table's stream. A table may have had
// several; access to one is access to all of them.
func StreamOf(table Resource) Resource { return table + "-stream" }

// Partition is a kind of items, given as a pattern of their partition keys in
// which * stands for an id. IAM can distinguish items only by this key.
type Partition string

// The kinds of items. They are in the main table unless their comment says
// otherwise.
const (
	// KeyItems are API keys by id; in the secrets table, the encrypted copies of
	// keys; in the usage table, the uses of a key.
	KeyItems Partition = "KEY#*"
	// OrgItems are an organization and what it owns besides keys: policies, users,
	// services, and the names that they and the keys have taken. In the listing
	// index, and in that of the usage table, they are its keys; in the audit table,
	// its log.
	OrgItems Partition = "ORG#*"
	// APIItems map an API to its service.
	APIItems Partition = "API#*"
	// PepperItems are the wrapped peppers.
	PepperItems Partition = "PEPPER"
	// TaskItems are unfinished changes.
	TaskItems Partition = "PENDING"
	// DueItems say when to remove deleted keys.
	DueItems Partition = "PURGE"
	// DirectoryItems are the ids of all organizations.
	DirectoryItems Partition = "ORGS"
	// RoundItems say how far recurring work has come. They are in the usage table.
	RoundItems Partition = "ROUND"
)

// The IAM actions that the table names.
const (
	// BatchGetItem reads several records. IAM checks all their partition keys at
	// once, and a single statement must allow every one.
	BatchGetItem = "dynamodb:BatchGetItem"
	// GetItem reads what belongs to a record but is not one: who has an e-mail
	// address, and the copy of a key.
	GetItem    = "dynamodb:GetItem"
	Query      = "dynamodb:Query"
	PutItem    = "dynamodb:PutItem"
	UpdateItem = "dynamodb:UpdateItem"
	DeleteItem = "dynamodb:DeleteItem"
	CheckItem  = "dynamodb:ConditionCheckItem"
	Encrypt    = "kms:Encrypt"
	Decrypt    = "kms:Decrypt"
	// GenerateDataKey creates a pepper without returning its plaintext.
	GenerateDataKey = "kms:GenerateDataKeyWithoutPlaintext"
	// Lambda reads a stream with the role of the function that it invokes, and
	// sends what the function did not handle to the queue.
	GetRecords       = "dynamodb:GetRecords"
	GetShardIterator = "dynamodb:GetShardIterator"
	DescribeStream   = "dynamodb:DescribeStream"
	ListStreams      = "dynamodb:ListStreams"
	SendMessage      = "sqs:SendMessage"
	PutEvents        = "events:PutEvents"
)

// IAM condition keys.
const (
	// LeadingKeys holds the partition keys of a DynamoDB request.
	LeadingKeys = "dynamodb:LeadingKeys"
	// EnclosingOperation is [TransactWriteItems] for a write that is part of a
	// transaction. It is absent for a write by itself.
	EnclosingOperation = "dynamodb:EnclosingOperation"
	// ContextKeys holds the names in the encryption context of a KMS request.
	// ContextKey followed by a name holds that name's value.
	ContextKeys = "kms:EncryptionContextKeys"
	ContextKey  = "kms:EncryptionContext:"
	// ViaService is the service that uses a KMS key on behalf of the caller.
	ViaService = "kms:ViaService"
)

// TransactWriteItems is the value of [EnclosingOperation] in a transaction.
const TransactWriteItems = "TransactWriteItems"

// The environment variables of the functions, besides those of Lambda and the
// AWS SDK.
const (
	// EnvTable is the main table's name.
	EnvTable = "KEYWARD_TABLE"
	// EnvAuditTable is the audit table's name.
	EnvAuditTable = "KEYWARD_AUDIT_TABLE"
	// EnvSecretsTable is the name of the table that holds the encrypted copies of
	// keys.
	EnvSecretsTable = "KEYWARD_SECRETS_TABLE"
	// EnvUsageTable is the name of the table that holds what each key was used for.
	EnvUsageTable = "KEYWARD_USAGE_TABLE"
	// EnvPepperKey is the id, alias or ARN of the KMS key that wraps the peppers.
	EnvPepperKey = "KEYWARD_PEPPER_KEY"
	// EnvSecretsKey is the id, alias or ARN of the KMS key that encrypts the
	// copies of recoverable keys.
	EnvSecretsKey = "KEYWARD_SECRETS_KEY"
	// EnvHomeRegion is the region whose tables a management function uses. All
	// writes go to one region, whichever region takes the call. Empty means the
	// function's own region. The authorizer does not have it and reads the tables
	// of its own region.
	EnvHomeRegion = "KEYWARD_HOME_REGION"
	// EnvReplicas lists the regions besides the home, each with the name of its
	// main table, as REGION=TABLE with commas between. It is empty if there are
	// none.
	EnvReplicas = "KEYWARD_REPLICAS"
	// EnvCacheTTL is how long the authorizer may cache a key's record: [CacheTTL].
	EnvCacheTTL = "KEYWARD_CACHE_TTL_SECONDS"
	// EnvUsageInterval is the minimum time between two writes of a key's uses by a
	// process of the authorizer: [UsageInterval].
	EnvUsageInterval = "KEYWARD_USAGE_INTERVAL_SECONDS"
	// EnvPepperMaxAge is how long a decrypted pepper may be cached: [PepperMaxAge].
	EnvPepperMaxAge = "KEYWARD_PEPPER_MAX_AGE_SECONDS"
	// EnvEventBus is the name or ARN of the EventBridge bus that gets the events.
	EnvEventBus = "KEYWARD_EVENT_BUS"
	// EnvManagementAPI is the account and id of Keyward's own API, as
	// "ACCOUNT/API_ID". The authorizer guards that API by this package's table.
	EnvManagementAPI = "KEYWARD_MANAGEMENT_API"

	// EnvGitHubKeys is the URL of the public keys with which GitHub signs its
	// reports of leaked keys; default [GitHubKeys].
	EnvGitHubKeys = "KEYWARD_GITHUB_KEYS_URL"

	// EnvOIDCIssuer is the OpenID Connect issuer whose access tokens the authorizer
	// accepts besides keys; empty for none.
	EnvOIDCIssuer = "KEYWARD_OIDC_ISSUER"
	// EnvOIDCAudience is the audience that such a token must have.
	EnvOIDCAudience = "KEYWARD_OIDC_AUDIENCE"
	// EnvOIDCClaim is the claim that holds a user's e-mail address; default
	// "email".
	EnvOIDCClaim = "KEYWARD_OIDC_CLAIM"
	// EnvOIDCVerifiesEmail says whether the issuer verifies every address in the
	// "email" claim: a [Switch], off by default. If off, the token itself must say
	// that the address is verified.
	EnvOIDCVerifiesEmail = "KEYWARD_OIDC_VERIFIES_EMAIL"
	// EnvOIDCClientAudience says whether a token without an audience is meant for
	// the client that it was issued to: a [Switch], off by default.
	EnvOIDCClientAudience = "KEYWARD_OIDC_CLIENT_AUDIENCE"
	// EnvConsoleClient is the id under which the issuer knows the console; empty if
	// people sign in to it with keys only.
	EnvConsoleClient = "KEYWARD_CONSOLE_CLIENT_ID"
	// EnvConsoleTokens is the issuer's token endpoint, for the console's policy; it
	// is empty if that has the issuer's own host.
	EnvConsoleTokens = "KEYWARD_CONSOLE_TOKEN_ENDPOINT"
	// EnvOIDCOrganization is the organization whose users the tokens identify.
	EnvOIDCOrganization = "KEYWARD_OIDC_ORGANIZATION"
)
