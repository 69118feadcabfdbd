package operations

// The permissions of Keyward itself, which every organization's catalogue has.
const (
	// AdministerAPIKeys lets its holder view, create and manage all keys of
	// the organization (the Polaris document).
	AdministerAPIKeys = "AdministerApiKeys"
	// ManageAPIKeys lets its holder list and create keys of the organization,
	// and manage those it created (the Polaris document).
	ManageAPIKeys = "ManageApiKeys"
	// AdministerPolicies, AdministerServices and AdministerUsers let their
	// holder change what their names say.
	AdministerPolicies = "AdministerPolicies"
	AdministerServices = "AdministerServices"
	AdministerUsers    = "AdministerUsers"
	// ViewAuditEvents lets its holder read the audit log.
	ViewAuditEvents = "ViewAuditEvents"
	// RevealAPIKeys lets its holder see a recoverable key whole.
	RevealAPIKeys = "RevealApiKeys"
	// ReadAPIKeysScope and WriteAPIKeysScope are the Supermetrics document's.
	ReadAPIKeysScope  = "api_keys_read"
	WriteAPIKeysScope = "api_keys_write"
)

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
	// SecretsTable holds the encrypted copies of recoverable keys,
	// "keyward-secrets".
	SecretsTable Resource = "secrets-table"
	// PepperKey is the KMS key that wraps the peppers.
	PepperKey Resource = "pepper-key"
	// SecretsKey is the KMS key that encrypts the copies of recoverable keys.
	SecretsKey Resource = "secrets-key"
	// TableKey is the KMS key that encrypts the tables. DynamoDB decrypts a
	// table's key in the name of whoever reads or writes an item, so every
	// caller of a table needs it, through DynamoDB alone.
	TableKey Resource = "table-key"
)

// Partition is a kind of items, by the pattern of their partition keys, in which *
// stands for an id. IAM can tell items apart by that key and by nothing else.
type Partition string

// The kinds of items, of the main table where nothing else is said.
const (
	// KeyItems are API keys, each by its id; in the table of copies, their copies.
	KeyItems Partition = "KEY#*"
	// OrgItems are an organization and what it owns besides keys: policies,
	// users, services, and the names that they and the keys have taken. In the
	// listing they are its keys, in the audit table its log.
	OrgItems Partition = "ORG#*"
	// APIItems say which service an API belongs to.
	APIItems Partition = "API#*"
	// PepperItems are the wrapped peppers.
	PepperItems Partition = "PEPPER"
	// TaskItems are what was begun and is not finished.
	TaskItems Partition = "PENDING"
)

// The IAM actions that the table names.
const (
	// BatchGetItem reads records together. IAM sees the partition keys of all of
	// them at once, and one statement must allow every one.
	BatchGetItem = "dynamodb:BatchGetItem"
	// GetItem reads what belongs to a record and is none itself: who has an
	// address, and the copy of a key.
	GetItem    = "dynamodb:GetItem"
	Query      = "dynamodb:Query"
	PutItem    = "dynamodb:PutItem"
	UpdateItem = "dynamodb:UpdateItem"
	DeleteItem = "dynamodb:DeleteItem"
	CheckItem  = "dynamodb:ConditionCheckItem"
	Encrypt    = "kms:Encrypt"
	Decrypt    = "kms:Decrypt"
	// GenerateDataKey is the action that makes a pepper without showing it.
	GenerateDataKey = "kms:GenerateDataKeyWithoutPlaintext"
)

// IAM's names for what it knows of a request.
const (
	// LeadingKeys are the partition keys of a request to DynamoDB.
	LeadingKeys = "dynamodb:LeadingKeys"
	// EnclosingOperation is the transaction that a write to DynamoDB is a part of,
	// [TransactWriteItems]; it is not known of a write by itself.
	EnclosingOperation = "dynamodb:EnclosingOperation"
	// ContextKeys are the names in the encryption context of a request to KMS,
	// and ContextKey, with a name behind it, is what that one's value is called.
	ContextKeys = "kms:EncryptionContextKeys"
	ContextKey  = "kms:EncryptionContext:"
	// ViaService is the service that uses a KMS key in a caller's name.
	ViaService = "kms:ViaService"
)

// TransactWriteItems is the value of [EnclosingOperation] in a transaction.
const TransactWriteItems = "TransactWriteItems"

// The environment variables that functions read, besides those that Lambda and
// the AWS SDK define.
const (
	// EnvTable is the main table's name.
	EnvTable = "KEYWARD_TABLE"
	// EnvAuditTable is the audit table's name.
	EnvAuditTable = "KEYWARD_AUDIT_TABLE"
	// EnvSecretsTable is the name of the table of encrypted copies.
	EnvSecretsTable = "KEYWARD_SECRETS_TABLE"
	// EnvPepperKey is the id, alias or ARN of the KMS key that wraps the peppers.
	EnvPepperKey = "KEYWARD_PEPPER_KEY"
	// EnvSecretsKey is the id, alias or ARN of the KMS key that encrypts the
	// copies of recoverable keys.
	EnvSecretsKey = "KEYWARD_SECRETS_KEY"
	// EnvHomeRegion is the region whose tables a management function reads and
	// writes: one region writes, whichever takes the call. Empty means the
	// function's own. The authorizer is not told, and reads its own region's.
	EnvHomeRegion = "KEYWARD_HOME_REGION"
	// EnvCacheTTL is how long the authorizer may keep a key's record:
	// [CacheTTL].
	EnvCacheTTL = "KEYWARD_CACHE_TTL_SECONDS"
	// EnvPepperMaxAge is how long a decrypted pepper may be kept:
	// [PepperMaxAge].
	EnvPepperMaxAge = "KEYWARD_PEPPER_MAX_AGE_SECONDS"
	// EnvManagementAPI is the account and id of Keyward's own API, as
	// "ACCOUNT/API_ID", which the authorizer guards by this package's table.
	EnvManagementAPI = "KEYWARD_MANAGEMENT_API"

	// EnvOIDCIssuer is the OpenID Connect issuer whose access tokens the
	// authorizer takes besides keys; empty for none.
	EnvOIDCIssuer = "KEYWARD_OIDC_ISSUER"
	// EnvOIDCAudience is what such a token must be for.
	EnvOIDCAudience = "KEYWARD_OIDC_AUDIENCE"
	// EnvOIDCClaim is the claim that holds a user's e-mail; default "email".
	EnvOIDCClaim = "KEYWARD_OIDC_CLAIM"
	// EnvOIDCVerifiesEmail is whether the issuer verifies every address in the
	// claim "email", [Switch]; off by default, where a token must say so itself.
	EnvOIDCVerifiesEmail = "KEYWARD_OIDC_VERIFIES_EMAIL"
	// EnvOIDCClientAudience is whether a token without an audience is for the
	// client that it was given to, [Switch]; off by default.
	EnvOIDCClientAudience = "KEYWARD_OIDC_CLIENT_AUDIENCE"
	// EnvOIDCOrganization is the organization whose users the tokens stand for.
	EnvOIDCOrganization = "KEYWARD_OIDC_ORGANIZATION"
)
