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
			Access:      writer(items(KeyItems, BatchGetItem, CheckItem), items(OrgItems, BatchGetItem, UpdateItem, CheckItem)),
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
