package operations

import (
	"net/http"

	"github.com/keyward/keyward/shared/permission"
)

// records returns the operations on the organization itself and its history.
func records() []Operation {
	return []Operation{
		{
			Name: "list-audit-events", Summary: "List what was done, by whom and from where, the newest first",
			Routes:      []Route{canonical(http.MethodGet, "/v1/audit-events", http.StatusOK, permission.ViewAuditEvents)},
			Environment: readEnvironment,
			Access:      reader(Access{AuditTable, OrgItems, []string{Query}}),
		},
		{
			Name: "get-organization", Summary: "Get the organization's settings",
			Routes:      []Route{canonical(http.MethodGet, "/v1/organization", http.StatusOK, keyManagers...)},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			// Acting as an OWNER is not a permission: the rules decide it.
			Name: "update-organization", Summary: "Replace the organization's settings, as an OWNER",
			Routes:      []Route{canonical(http.MethodPut, "/v1/organization", http.StatusOK, permission.AdministerAPIKeys)},
			Environment: readEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, CheckItem),
				items(OrgItems, BatchGetItem, UpdateItem, CheckItem),
				auditAppend, throughTableKey,
			},
		},
		{
			Name: "get-openapi", Summary: "Get this API's OpenAPI 3.1 document",
			Routes: []Route{canonical(http.MethodGet, "/v1/openapi.json", http.StatusOK)},
			Public: true,
		},
	}
}

// direct returns the operations without a route.
func direct() []Operation {
	return []Operation{
		{
			Name: "bootstrap", Summary: "Make the first pepper, an organization, its owner and the first admin key",
			Environment: mintEnvironment,
			Access: []Access{
				items(KeyItems, PutItem),
				items(OrgItems, BatchGetItem, GetItem, PutItem, UpdateItem, CheckItem),
				items(APIItems, PutItem),
				items(PepperItems, Query, PutItem),
				listKeys, auditAppend, throughTableKey, on(PepperKey, GenerateDataKey, Decrypt),
			},
		},
		{
			Name: "suspend-organization", Summary: "Stop all keys and users of an organization, or let them go on",
			Environment: readEnvironment,
			Access: []Access{
				items(OrgItems, BatchGetItem, PutItem, UpdateItem),
				auditAppend, throughTableKey,
			},
		},
		{
			Name: "sweep", Summary: "Finish what was begun and broke off: deleted policies' keys, withdrawn permissions",
			Schedule:    "rate(5 minutes)",
			Environment: dropEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, DeleteItem),
				items(OrgItems, BatchGetItem, Query, UpdateItem, DeleteItem, CheckItem),
				items(TaskItems, Query, DeleteItem),
				listKeys, auditAppend, dropCopies, throughTableKey,
			},
		},
	}
}
