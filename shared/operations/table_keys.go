package operations

import (
	"net/http"
	"slices"
)

const (
	catenaKeys        = "/api/v1/api_keys"
	catenaPolicies    = catenaKeys + "/policies"
	supermetricsKey   = "/enterprise/v2/api_key"
	supermetricsKeyID = supermetricsKey + "/{id}"
)

// keys returns the operations that create keys and read them.
func keys() []Operation {
	return []Operation{
		{
			Name: "create-apikey", Summary: "Create an API key. Only this answer shows the whole key, unless it is recoverable",
			Routes: []Route{
				selfService(http.MethodPost, "/v1/apikeys", http.StatusCreated),
				catena(http.MethodPost, catenaKeys, "AdminCreateApiKey", http.StatusCreated, keyManagers...),
				supermetrics(http.MethodPost, supermetricsKey, http.StatusCreated, scopedWrites...),
			},
			Environment: textEnvironment,
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
	}
}

// keyReports returns the operations that tell how a key is used, and where.
func keyReports() []Operation {
	return []Operation{
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
	}
}

// keyChanges returns the operations that change and delete keys.
func keyChanges() []Operation {
	return []Operation{
		{
			Name: "update-apikey", Summary: "Replace the writable fields of an API key",
			Routes: []Route{
				selfService(http.MethodPut, "/v1/apikeys/{id}", http.StatusOK),
				catena(http.MethodPut, catenaKeys+"/{id}", "AdminUpdateApiKey", http.StatusOK, keyManagers...),
			},
			Environment: readEnvironment,
			Access:      changeKey,
		},
		{
			Name: "patch-apikey", Summary: "Change some writable fields of an API key",
			Routes: []Route{
				selfService(http.MethodPatch, "/v1/apikeys/{id}", http.StatusOK),
				supermetrics(http.MethodPatch, supermetricsKeyID, http.StatusOK, scopedWrites...),
			},
			Environment: readEnvironment,
			Access:      changeKey,
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
			Access: writer(
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, CheckItem),
				items(DueItems, DeleteItem),
			),
		},
	}
}
