package operations

import (
	"net/http"

	"github.com/keyward/keyward/shared/permission"
)

var (
	policyReaders  = []string{permission.AdministerAPIKeys, permission.ManageAPIKeys, permission.AdministerPolicies}
	serviceReaders = []string{permission.AdministerServices, permission.AdministerAPIKeys}
	userReaders    = []string{permission.AdministerUsers, permission.AdministerAPIKeys}
)

// policies returns the operations on policies.
func policies() []Operation {
	return []Operation{
		{
			Name: "create-policy", Summary: "Create a policy: permissions for any number of API keys",
			Routes: []Route{
				canonical(http.MethodPost, "/v1/policies", http.StatusCreated, permission.AdministerPolicies),
				catena(http.MethodPost, catenaPolicies, "", http.StatusCreated, permission.AdministerPolicies),
			},
			Environment: readEnvironment,
			Access:      writer(items(KeyItems, BatchGetItem, CheckItem), items(OrgItems, BatchGetItem, PutItem, CheckItem)),
		},
		{
			Name: "list-policies", Summary: "List the organization's policies",
			Routes: []Route{
				canonical(http.MethodGet, "/v1/policies", http.StatusOK, policyReaders...),
				catena(http.MethodGet, catenaPolicies, "AdminGetApiKeyPolicies", http.StatusOK, policyReaders...),
			},
			Environment: readEnvironment,
			Access:      reader(items(OrgItems, Query)),
		},
		{
			Name: "get-policy", Summary: "Get one policy",
			Routes: []Route{
				canonical(http.MethodGet, "/v1/policies/{id}", http.StatusOK, policyReaders...),
				catena(http.MethodGet, catenaPolicies+"/{id}", "", http.StatusOK, policyReaders...),
			},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			Name: "update-policy", Summary: "Replace a policy, and so the permissions of all its API keys",
			Routes: []Route{
				canonical(http.MethodPut, "/v1/policies/{id}", http.StatusOK, permission.AdministerPolicies),
				catena(http.MethodPut, catenaPolicies+"/{id}", "", http.StatusOK, permission.AdministerPolicies),
			},
			Environment: readEnvironment,
			Access: writer(
				items(KeyItems, BatchGetItem, CheckItem),
				items(OrgItems, BatchGetItem, PutItem, UpdateItem, DeleteItem, CheckItem),
				listKeys,
			),
		},
		{
			Name: "delete-policy", Summary: "Delete a policy, and all its API keys if you confirm that",
			Routes: []Route{
				canonical(http.MethodDelete, "/v1/policies/{id}", http.StatusNoContent, permission.AdministerPolicies),
				catena(http.MethodDelete, catenaPolicies+"/{id}", "", http.StatusNoContent, permission.AdministerPolicies),
			},
			Environment: dropEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, DeleteItem, CheckItem),
				items(OrgItems, BatchGetItem, Query, UpdateItem, DeleteItem, CheckItem),
				items(TaskItems, PutItem, DeleteItem),
				listKeys, auditAppend, dropCopies, readLastUses, dropLastUses, throughTableKey,
			},
		},
	}
}

// services returns the operations on guarded services.
func services() []Operation {
	return []Operation{
		{
			Name: "put-service", Summary: "Register or replace a service: its APIs, routes and permissions. A new service answers 201",
			Routes:      []Route{canonical(http.MethodPut, "/v1/services/{id}", http.StatusOK, permission.AdministerServices)},
			Environment: readEnvironment,
			Access: writer(
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, Query, PutItem, UpdateItem, CheckItem),
				items(APIItems, PutItem, DeleteItem),
				items(TaskItems, PutItem),
				listKeys,
			),
		},
		{
			Name: "list-services", Summary: "List the organization's services",
			Routes:      []Route{canonical(http.MethodGet, "/v1/services", http.StatusOK, serviceReaders...)},
			Environment: readEnvironment,
			Access:      reader(items(OrgItems, Query)),
		},
		{
			Name: "get-service", Summary: "Get one service",
			Routes:      []Route{canonical(http.MethodGet, "/v1/services/{id}", http.StatusOK, serviceReaders...)},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			Name: "delete-service", Summary: "Delete a service. The authorizer then refuses every request to its APIs",
			Routes:      []Route{canonical(http.MethodDelete, "/v1/services/{id}", http.StatusNoContent, permission.AdministerServices)},
			Environment: readEnvironment,
			Access: writer(
				items(KeyItems, BatchGetItem, PutItem, CheckItem),
				items(OrgItems, BatchGetItem, Query, UpdateItem, DeleteItem, CheckItem),
				items(APIItems, DeleteItem),
				items(TaskItems, PutItem),
				listKeys,
			),
		},
	}
}

// users returns the operations on users.
func users() []Operation {
	return []Operation{
		{
			Name: "create-user", Summary: "Create a user, on whose behalf API keys can act",
			Routes:      []Route{canonical(http.MethodPost, "/v1/users", http.StatusCreated, permission.AdministerUsers)},
			Environment: readEnvironment,
			Access:      writer(items(KeyItems, BatchGetItem, CheckItem), items(OrgItems, BatchGetItem, PutItem, UpdateItem, CheckItem)),
		},
		{
			Name: "list-users", Summary: "List the organization's users",
			Routes:      []Route{canonical(http.MethodGet, "/v1/users", http.StatusOK, userReaders...)},
			Environment: readEnvironment,
			Access:      reader(items(OrgItems, Query)),
		},
		{
			Name: "get-user", Summary: "Get one user",
			Routes:      []Route{canonical(http.MethodGet, "/v1/users/{id}", http.StatusOK, userReaders...)},
			Environment: readEnvironment,
			Access:      reader(),
		},
		{
			Name: "update-user", Summary: "Replace a user, and so the permissions of the user's personal API keys",
			Routes:      []Route{canonical(http.MethodPut, "/v1/users/{id}", http.StatusOK, permission.AdministerUsers)},
			Environment: readEnvironment,
			Access:      changeUser,
		},
		{
			Name: "delete-user", Summary: "Remove a user, and disable the user's personal API keys",
			Routes:      []Route{canonical(http.MethodDelete, "/v1/users/{id}", http.StatusNoContent, permission.AdministerUsers)},
			Environment: readEnvironment,
			Access:      changeUser,
		},
	}
}
