package openapi

// usual describes members that mean the same in every schema. A member's own "doc"
// tag comes first.
var usual = map[string]string{
	// Things.
	"id":               "The object's id. It is no secret.",
	"name":             "A name for people.",
	"description":      "A text for people.",
	"email":            "The user's e-mail address, unique in the organization.",
	"role":             "The user's role, which holds permissions of its own: see What roles hold in functions/TASKS.md.",
	"policyId":         "The id of the policy whose permissions it has. null removes the policy.",
	"policyName":       "The name of that policy.",
	"onBehalfOfEmail":  "The e-mail address of that user.",
	"notBefore":        "The key is refused before this time.",
	"expiresOn":        "The key is refused from this time on.",
	"gatewayCache":     "Which of the authorizer's answers the gateways of the service's APIs keep.",
	"keyPrefix":        "The first characters of new keys, before the last underscore.",
	"maxKeys":          "The most keys that the organization can have, disabled ones included.",
	"selfService":      "Whether users can create personal keys of their own without a permission to create keys. They can always disable and delete them.",
	"retentionSeconds": "How long a deleted key can be restored, up to 31536000 seconds (365 days). With 0, a deleted key cannot be restored.",
	"onExposure":       "What happens to a key that is reported as leaked: disable, or report, which only marks the key.",
	"staleAfterDays":   "After how many days without use a key is stale, up to 3650. 0 means never.",
	// Records of changes.
	"createdBy": "Who created it.",
	"createdOn": "When it was created.",
	"username":  "A user's e-mail address, or 'api-key-' and a key's redacted form in lower case.",
	"userId":    "The id of the user, or of the key.",
	"at":        "When it happened.",
	"actor":     "Who did it.",
	"userAgent": "The User-Agent of the request.",
	"requestId": "The request's id, with which to find it in the log.",
	// Lists and answers.
	"items": "The items of this page.",
	"data":  "The object or objects that were requested.",
	"meta":  "About the request.",
	"error": "What went wrong.",
	// Errors.
	"title":   "What the status means.",
	"status":  "The HTTP status.",
	"code":    "What is wrong, for programs. It does not change between versions.",
	"detail":  "A sentence for people.",
	"message": "A sentence for people.",
	"field":   "Where the fault is.",
	// The Catena and Supermetrics formats.
	"request_id":  "The request's id, with which to find it in the log.",
	"api_keys":    "All keys.",
	"policies":    "All policies.",
	"permissions": "The names of permissions.",
	"policy_name": "The name of the key's policy.",
	"created_at":  "When it was created.",
	"created_by":  "Who created it.",
	"api_key_id":  "The key's id: apk_ and the 32 digits of its UUID.",
	"user_id":     "The user's id: usr_ and the 32 digits of its UUID.",
	"scope_names": "The names of the key's scopes: a single name, or a list.",
	"allow_ips":   "The IPv4 addresses and CIDR ranges that the key can be used from.",
	"is_enabled":  "false if the key is disabled.",
}
