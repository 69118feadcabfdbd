package operations

import (
	"net/http"
	"slices"

	"github.com/keyward/keyward/shared/permission"
)

const (
	catenaKeys        = "/api/v1/api_keys"
	catenaPolicies    = catenaKeys + "/policies"
	supermetricsKey   = "/enterprise/v2/api_key"
	supermetricsKeyID = supermetricsKey + "/{id}"
)

// The paths at which secret scanners report leaked keys, each in a form of its
// own.
const (
	GitHubExposures  = "/v1/exposures/github"
	GitLabTypes      = "/v1/exposures/gitlab/revocable_token_types"
	GitLabRevocation = "/v1/exposures/gitlab/revoke_tokens"
)

// keys returns the operations on keys, and on what a key can be granted.
func keys() []Operation {
	return []Operation{
		{
			Name: "create-apikey", Summary: "Create an API key. Only this answer shows the whole key, unless it is recoverable",
			Routes: []Route{
				selfService(http.MethodPost, "/v1/apikeys", http.StatusCreated),
				catena(http.MethodPost, catenaKeys, "AdminCreateApiKey", http.StatusCreated, keyManagers...),
				supermetrics(http.MethodPost, supermetricsKey, http.StatusCreated, scopedWrites...),
			},
			Environment: []string{
				EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvPepperKey, EnvPepperMaxAge, EnvSecretsKey,
			},
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, CheckItem),
				items(PepperItems, Query),
				auditAppend, copies(PutItem), throughTableKey, on(PepperKey, Decrypt), sealing(Encrypt, Copies, Outcomes), sealing(Decrypt, Outcomes),
			},
		},
		{
			Name: "list-apikeys", Summary: "List the organization's API keys",
			Routes: []Route{
				selfService(http.MethodGet, "/v1/apikeys", http.StatusOK),
				catena(http.MethodGet, catenaKeys, "", http.StatusOK, keyManagers...),
				supermetrics(http.MethodGet, "/enterprise/v2/api_keys", http.StatusOK, scopedReads...),
			},
			Environment: useEnvironment,
			Access:      reader(listKeys, readLastUses, Access{Resource: UsageIndex, Partition: OrgItems, Actions: []string{Query}}),
		},
		{
			Name: "get-apikey", Summary: "Get one API key",
			Routes: []Route{
				selfService(http.MethodGet, "/v1/apikeys/{id}", http.StatusOK),
				catena(http.MethodGet, catenaKeys+"/{id}", "", http.StatusOK, keyManagers...),
			},
			Environment: useEnvironment,
			Access:      reader(readLastUses),
		},
		{
			Name: "get-apikey-usage", Summary: "Get what an API key was used for, by hour or day",
			Routes:      []Route{selfService(http.MethodGet, "/v1/apikeys/{id}/usage", http.StatusOK)},
			Environment: useEnvironment,
			Access:      reader(readUses),
		},
		{
			Name: "get-apikey-permissions", Summary: "Get which of its permissions an API key uses, and which it does not",
			Routes:      []Route{selfService(http.MethodGet, "/v1/apikeys/{id}/permissions", http.StatusOK)},
			Environment: useEnvironment,
			Access:      reader(readUses),
		},
		{
			Name: "get-apikey-propagation", Summary: "Tell, for each region, how far the newest version of an API key has come",
			Routes:      []Route{selfService(http.MethodGet, "/v1/apikeys/{id}/propagation", http.StatusOK)},
			Environment: append(slices.Clone(readEnvironment), EnvReplicas, EnvCacheTTL),
			Access: reader(items(OrgItems, Query),
				Access{Resource: Replicas, Partition: KeyItems, Actions: []string{BatchGetItem}}),
		},
		{
			Name: "update-apikey", Summary: "Replace the writable fields of an API key",
			Routes: []Route{
				selfService(http.MethodPut, "/v1/apikeys/{id}", http.StatusOK),
				catena(http.MethodPut, catenaKeys+"/{id}", "AdminUpdateApiKey", http.StatusOK, keyManagers...),
			},
			Environment: readEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, DeleteItem, CheckItem),
				listKeys, auditAppend, throughTableKey,
			},
		},
		{
			Name: "patch-apikey", Summary: "Change some writable fields of an API key",
			Routes: []Route{
				selfService(http.MethodPatch, "/v1/apikeys/{id}", http.StatusOK),
				supermetrics(http.MethodPatch, supermetricsKeyID, http.StatusOK, scopedWrites...),
			},
			Environment: readEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, DeleteItem, CheckItem),
				listKeys, auditAppend, throughTableKey,
			},
		},
		{
			Name: "delete-apikey", Summary: "Delete an API key. For some time it can be restored",
			Routes: []Route{
				selfService(http.MethodDelete, "/v1/apikeys/{id}", http.StatusNoContent),
				catena(http.MethodDelete, catenaKeys+"/{id}", "AdminDeleteApiKey", http.StatusNoContent, keyManagers...),
			},
			Environment: dropEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, DeleteItem, CheckItem),
				items(OrgItems, BatchGetItem, UpdateItem, DeleteItem, CheckItem),
				items(DueItems, PutItem),
				listKeys, auditAppend, dropCopies, dropLastUses, throughTableKey,
			},
		},
		{
			Name: "restore-apikey", Summary: "Restore a deleted API key, disabled",
			Routes:      []Route{canonical(http.MethodPost, "/v1/apikeys/{id}/restore", http.StatusOK, keyManagers...)},
			Environment: readEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, CheckItem),
				items(DueItems, DeleteItem),
				auditAppend, throughTableKey,
			},
		},
		{
			Name: "rotate-apikey", Summary: "Give an API key a new secret. Only this answer shows the whole key, unless it is recoverable",
			Routes: []Route{selfRotation(http.MethodPost, "/v1/apikeys/{id}/rotate", http.StatusOK)},
			Environment: []string{
				EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvPepperKey, EnvPepperMaxAge, EnvSecretsKey,
			},
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, CheckItem),
				items(PepperItems, Query),
				auditAppend, copies(PutItem), throughTableKey, on(PepperKey, Decrypt), sealing(Encrypt, Copies, Outcomes), sealing(Decrypt, Outcomes),
			},
		},
		{
			Name: "delete-previous-secret", Summary: "End the overlap of a rotation: the API key's previous secret stops working",
			Routes:      []Route{selfRotation(http.MethodDelete, "/v1/apikeys/{id}/secrets/previous", http.StatusNoContent)},
			Environment: readEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, CheckItem),
				auditAppend, throughTableKey,
			},
		},
		{
			// The Supermetrics document reveals a key through a parameter of the route
			// that gets a key. That route is here and not at get-apikey, so that only one
			// function can decrypt a copy.
			Name: "reveal-apikey", Summary: "Show a whole recoverable API key, after recording that in the audit log",
			Routes: []Route{
				canonical(http.MethodPost, "/v1/apikeys/{id}/reveal", http.StatusOK, permission.RevealAPIKeys),
				supermetrics(http.MethodGet, supermetricsKeyID, http.StatusOK, scopedReads...),
			},
			Environment: copyEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, CheckItem),
				items(OrgItems, BatchGetItem, CheckItem),
				auditAppend, copies(GetItem), throughTableKey, sealing(Decrypt, Copies),
			},
		},
		{
			Name: "report-exposure", Summary: "Report that a key has leaked. The text of the key is the only proof that is needed",
			Routes: []Route{
				canonical(http.MethodPost, "/v1/exposures", http.StatusAccepted),
				named("github-report-exposure", "Report keys that GitHub's secret scanning found, in GitHub's form", canonical(http.MethodPost, GitHubExposures, http.StatusOK)),
				named("gitlab-revocable-token-types", "List the types of tokens that GitLab may report, in GitLab's form", canonical(http.MethodGet, GitLabTypes, http.StatusOK)),
				named("gitlab-revoke-tokens", "Report keys that GitLab's secret detection found, in GitLab's form", canonical(http.MethodPost, GitLabRevocation, http.StatusNoContent)),
			},
			Public:      true,
			Environment: append(slices.Clone(mintEnvironment), EnvGitHubKeys),
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem),
				items(OrgItems, BatchGetItem, CheckItem),
				items(PepperItems, Query),
				auditAppend, throughTableKey, on(PepperKey, Decrypt),
			},
		},
		{
			Name: "verify-apikey", Summary: "Tell whether API keys are valid and may do something, as the authorizer decides it",
			Routes:      []Route{canonical(http.MethodPost, "/v1/verify", http.StatusOK, permission.VerifyAPIKeys)},
			Environment: verifyEnvironment, Often: true,
			Access: reader(items(PepperItems, Query), on(PepperKey, Decrypt)),
		},
		{
			Name: "introspect", Summary: "Tell whether an API key is active, in the form of RFC 7662",
			Routes:      []Route{canonical(http.MethodPost, "/v1/introspect", http.StatusOK, permission.VerifyAPIKeys)},
			Environment: verifyEnvironment, Often: true,
			Access: reader(items(PepperItems, Query), on(PepperKey, Decrypt)),
		},
		{
			Name: "list-permissions", Summary: "List the permissions that a key can have",
			Routes: []Route{
				canonical(http.MethodGet, "/v1/permissions", http.StatusOK, catalogueReaders...),
				catena(http.MethodGet, catenaKeys+"/permissions", "AdminGetApiKeyPermissions", http.StatusOK, catalogueReaders...),
			},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			Name: "whoami", Summary: "Show who the caller is and what it may do",
			Routes:      []Route{canonical(http.MethodGet, "/v1/whoami", http.StatusOK)},
			Environment: readEnvironment,
			Access:      reader(),
		},
	}
}
