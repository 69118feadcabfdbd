package operations

import (
	"net/http"
	"slices"
	"sync"
)

// All returns the table, in the order in which documents show it. It is built at the
// first call: the authorizer starts without it. Do not change it.
var All = sync.OnceValue(func() []Operation {
	return append(withPatches(slices.Concat(keys(), policies(), services(), users(), records(), direct())), unknown())
})

var (
	keyManagers = []string{AdministerAPIKeys, ManageAPIKeys}
	// catalogueReaders choose among permissions.
	catalogueReaders = []string{AdministerAPIKeys, ManageAPIKeys, AdministerPolicies, AdministerUsers, AdministerServices}

	scopedReads  = []string{ReadAPIKeysScope, AdministerAPIKeys, ManageAPIKeys}
	scopedWrites = []string{WriteAPIKeysScope, AdministerAPIKeys, ManageAPIKeys}

	readEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable}
	mintEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvPepperKey, EnvPepperMaxAge}
	// dropEnvironment is of functions that delete keys, and their copies.
	dropEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable}
	// copyEnvironment is of functions that make or open copies.
	copyEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvSecretsKey}

	listKeys        = Access{Listing, OrgItems, []string{Query}}
	auditAppend     = Access{AuditTable, OrgItems, []string{PutItem}}
	dropCopies      = copies(DeleteItem)
	throughTableKey = on(TableKey, Decrypt)
)

// reader is the access of a function that changes nothing: of every caller it
// reads the key, and from among the organization's things the user and policy.
func reader(more ...Access) []Access {
	return append([]Access{items(KeyItems, BatchGetItem), items(OrgItems, BatchGetItem), throughTableKey}, more...)
}

// on is access to a KMS key.
func on(key Resource, actions ...string) Access {
	return Access{Resource: key, Actions: actions}
}

// copies is access to the encrypted copies of keys.
func copies(actions ...string) Access {
	return Access{SecretsTable, KeyItems, actions}
}

// items is access to some items of the main table.
func items(kind Partition, actions ...string) Access {
	return Access{Resource: Table, Partition: kind, Actions: actions}
}

func canonical(method, path string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Canonical, Status: status, Permissions: permissions}
}

// selfService is a route at which every user manages personal keys of their own,
// and key managers those of others.
func selfService(method, path string, status int) Route {
	return Route{Method: method, Path: path, Dialect: Canonical, Status: status, Others: keyManagers}
}

func catena(method, path, name string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Catena, Name: name, Status: status, Permissions: permissions}
}

func supermetrics(method, path string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Supermetrics, Status: status, Permissions: permissions}
}

// patches are the operations that change some of what another replaces, by the
// name of that one.
var patches = map[string]Operation{
	"update-policy": {Name: "patch-policy", Summary: "Change some of a policy, and so what all its API keys may do"},
	"update-user":   {Name: "patch-user", Summary: "Change some of a user, and so what the user's personal API keys may do"},
	// As an OWNER, as with the other.
	"update-organization": {Name: "patch-organization", Summary: "Change some of the organization's settings, as an OWNER"},
}

// withPatches adds [patches] behind the operations that they stand beside, with
// all that those may do and need.
func withPatches(table []Operation) []Operation {
	var all []Operation
	for _, op := range table {
		all = append(all, op)
		if patch, ok := patches[op.Name]; ok {
			replaced := op.Routes[0]
			replaced.Method = http.MethodPatch
			patch.Routes, patch.Environment, patch.Access = []Route{replaced}, op.Environment, op.Access
			all = append(all, patch)
		}
	}
	return all
}

// unknown answers, in their own dialect, whatever the other routes leave over:
// other paths below their roots, and other methods of their paths, which API
// Gateway gives to the greedy path too. Without it the gateway would answer, and
// would take the Authorization header of such a request for a signature.
func unknown() Operation {
	return Operation{
		Name: "unknown-route", Summary: "Answer, in its dialect's form, that there is no such route", Public: true,
		Routes: []Route{
			{Method: Any, Path: "/v1/{proxy+}", Dialect: Canonical, Status: http.StatusNotFound},
			{Method: Any, Path: "/api/v1/{proxy+}", Dialect: Catena, Status: http.StatusNotFound},
			{Method: Any, Path: "/enterprise/v2/{proxy+}", Dialect: Supermetrics, Status: http.StatusNotFound},
		},
	}
}
