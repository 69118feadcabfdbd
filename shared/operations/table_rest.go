package operations

import (
	"net/http"

	"github.com/keyward/keyward/shared/permission"
)

// records returns the operations on the organization itself and its history.
func records() []Operation {
	return []Operation{
		{
			Name: "list-audit-events", Summary: "List the audit log, newest first: what was done, by whom and from where",
			Routes:      []Route{canonical(http.MethodGet, "/v1/audit-events", http.StatusOK, permission.ViewAuditEvents)},
			Environment: readEnvironment,
			Access:      reader(Access{Resource: AuditTable, Partition: OrgItems, Actions: []string{Query}}),
		},
		{
			Name: "get-usage", Summary: "List the API keys that were used most",
			Routes:      []Route{canonical(http.MethodGet, "/v1/usage", http.StatusOK, permission.AdministerAPIKeys)},
			Environment: useEnvironment,
			Access:      reader(readUses, listUses),
		},
		{
			Name: "get-organization", Summary: "Get the organization's settings",
			Routes:      []Route{canonical(http.MethodGet, "/v1/organization", http.StatusOK, keyManagers...)},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			// Acting as an OWNER is not a permission: the rules decide it.
			Name: "update-organization", Summary: "Replace the organization's settings. Only an OWNER can",
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
		{
			// Any, so that the function itself refuses the other methods.
			Name: "get-docs", Summary: "Serve the reference of this API, and a page about each error code", Public: true,
			Routes: []Route{
				{Method: Any, Path: "/v1/docs", Dialect: Pages, Status: http.StatusOK},
				{Method: Any, Path: "/v1/docs/{proxy+}", Dialect: Pages, Status: http.StatusOK},
			},
		},
		{
			Name: Console, Summary: "Serve the console, in which people manage keys in a browser", Public: true,
			Routes: []Route{
				{Method: Any, Path: "/console", Dialect: Pages, Status: http.StatusOK},
				{Method: Any, Path: "/console/{proxy+}", Dialect: Pages, Status: http.StatusOK},
			},
			Environment: []string{EnvOIDCIssuer, EnvOIDCAudience, EnvOIDCOrganization, EnvConsoleClient, EnvConsoleTokens},
		},
	}
}

// Console is the name of the operation that serves the console, which an owner
// can leave out.
const Console = "get-console"

// ErrorPages is the path below which each error code has a page, which explains
// it.
const ErrorPages = "/v1/docs/errors/"

// RotatePepper is the name of the operation that an owner can have on a schedule.
const RotatePepper = "rotate-pepper"

// direct returns the operations without a route.
func direct() []Operation {
	return []Operation{
		{
			Name: "bootstrap", Summary: "Create the first pepper, an organization, its owner and the first admin key",
			Environment: mintEnvironment,
			Access: []Access{
				items(KeyItems, PutItem),
				items(OrgItems, BatchGetItem, GetItem, PutItem, UpdateItem, CheckItem),
				items(APIItems, PutItem),
				items(PepperItems, Query, UpdateItem),
				items(DirectoryItems, Query, PutItem),
				listKeys, auditAppend, throughTableKey, on(PepperKey, GenerateDataKey, Decrypt),
			},
		},
		{
			Name: "suspend-organization", Summary: "Suspend an organization with all its keys and users, or end the suspension",
			Environment: readEnvironment,
			Access: []Access{
				items(OrgItems, BatchGetItem, PutItem, UpdateItem),
				auditAppend, throughTableKey,
			},
		},
		{
			Name: "sweep", Summary: "Finish interrupted changes: delete the keys of deleted policies, withdraw permissions",
			Schedule:    "rate(5 minutes)",
			Environment: dropEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, DeleteItem),
				items(OrgItems, BatchGetItem, Query, UpdateItem, DeleteItem, CheckItem),
				items(TaskItems, Query, DeleteItem),
				items(DueItems, Query, DeleteItem),
				listKeys, auditAppend, dropCopies, dropLastUses, throughTableKey,
			},
		},
		{
			Name: "send-notices", Summary: "Record which keys expire soon and which are not used, continuing where it stopped",
			Schedule:    "rate(360 minutes)",
			Environment: useEnvironment,
			Access: []Access{
				items(KeyItems, CheckItem),
				items(OrgItems, BatchGetItem),
				items(DirectoryItems, Query),
				listKeys,
				{Resource: UsageTable, Partition: KeyItems, Actions: []string{BatchGetItem, PutItem}},
				// Not in the main table: nothing here puts items there, and so no role can.
				{Resource: UsageTable, Partition: RoundItems, Actions: []string{BatchGetItem, PutItem}},
				auditAppend, throughTableKey,
			},
		},
		{
			// It decrypts no pepper, so it needs nothing but to make one.
			Name: RotatePepper, Summary: "Make a new version of the pepper, tell how many keys need which, or retire one",
			Long:        true,
			Environment: []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvPepperKey},
			Access: []Access{
				items(PepperItems, Query, UpdateItem),
				items(DirectoryItems, Query),
				listKeys, auditAppend, throughTableKey, on(PepperKey, GenerateDataKey),
			},
		},
		{
			Name: "publish-events", Summary: "Publish what the audit log records as events on the owner's bus",
			Stream:      AuditTable,
			Environment: []string{EnvEventBus},
			Access:      consumer(AuditTable, on(EventBus, PutEvents)),
		},
		{
			Name: "record-usage", Summary: "Bring the last uses of keys up to date with what authorizers counted",
			Stream:      UsageTable,
			Environment: useEnvironment,
			Access:      consumer(UsageTable, items(KeyItems, BatchGetItem, PutItem, CheckItem), items(PepperItems, Query, CheckItem), Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{BatchGetItem, PutItem}}, auditAppend),
		},
	}
}
