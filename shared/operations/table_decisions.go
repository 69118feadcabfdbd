package operations

import (
	"net/http"

	"github.com/keyward/keyward/shared/permission"
)

// decisions returns the operations that tell what a key may do.
func decisions() []Operation {
	return []Operation{
		{
			Name: "verify-apikey", Summary: "Tell whether API keys are valid and may do something, as the authorizer decides it",
			Routes:      []Route{canonical(http.MethodPost, "/v1/verify", http.StatusOK, permission.VerifyAPIKeys)},
			Environment: verifyEnvironment, Often: true,
			Access: checkKeys,
		},
		{
			Name: "introspect", Summary: "Tell whether an API key is active, in the form of RFC 7662",
			Routes:      []Route{canonical(http.MethodPost, "/v1/introspect", http.StatusOK, permission.VerifyAPIKeys)},
			Environment: verifyEnvironment, Often: true,
			Access: checkKeys,
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
