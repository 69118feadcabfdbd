package permission

// Keyward's own permissions. Every organization's catalogue contains them.
const (
	// AdministerAPIKeys allows viewing, creating and managing all keys of the
	// organization (the Polaris document).
	AdministerAPIKeys = "AdministerApiKeys"
	// ManageAPIKeys allows listing and creating keys of the organization, and
	// managing those that the holder created (the Polaris document).
	ManageAPIKeys = "ManageApiKeys"
	// AdministerPolicies, AdministerServices and AdministerUsers allow changing
	// policies, services and users.
	AdministerPolicies = "AdministerPolicies"
	AdministerServices = "AdministerServices"
	AdministerUsers    = "AdministerUsers"
	// ViewAuditEvents allows reading the audit log.
	ViewAuditEvents = "ViewAuditEvents"
	// RevealAPIKeys allows revealing a recoverable key.
	RevealAPIKeys = "RevealApiKeys"
	// VerifyAPIKeys allows asking whether keys of the organization are valid, and
	// what they may do.
	VerifyAPIKeys = "VerifyApiKeys"
	// SelfRotate allows a key to rotate itself, and no other key.
	SelfRotate = "SelfRotate"
	// ReadAPIKeysScope and WriteAPIKeysScope are scopes of the Supermetrics
	// document.
	ReadAPIKeysScope  = "api_keys_read"
	WriteAPIKeysScope = "api_keys_write"
)
