package operations

import (
	"net/http"
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/permission"
)

// All returns the table, in the order of the documents. The first call builds
// it, so the authorizer can start without it. Do not modify it.
var All = sync.OnceValue(func() []Operation {
	return append(withPatches(slices.Concat(
		keys(), keyReports(), keyChanges(), secrets(), exposures(), decisions(), policies(), services(), users(), records(),
		operators(), recurring(), consumers(),
	)), unknown())
})

var (
	keyManagers = []string{permission.AdministerAPIKeys, permission.ManageAPIKeys}
	// catalogueReaders are the permissions whose holders choose among permissions.
	catalogueReaders = []string{permission.AdministerAPIKeys, permission.ManageAPIKeys, permission.AdministerPolicies, permission.AdministerUsers, permission.AdministerServices}

	scopedReads  = []string{permission.ReadAPIKeysScope, permission.AdministerAPIKeys, permission.ManageAPIKeys}
	scopedWrites = []string{permission.WriteAPIKeysScope, permission.AdministerAPIKeys, permission.ManageAPIKeys}

	readEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable}
	mintEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvPepperKey, EnvPepperMaxAge}
	// verifyEnvironment is the environment of functions that check keys for others.
	verifyEnvironment = append(slices.Clone(mintEnvironment), EnvCacheTTL)
	useEnvironment    = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvUsageTable}
	// dropEnvironment is the environment of functions that delete keys, with their
	// copies and last uses.
	dropEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvUsageTable}
	// textEnvironment is the environment of functions that make the text of a key.
	textEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvPepperKey, EnvPepperMaxAge, EnvSecretsKey}
	// copyEnvironment is the environment of functions that decrypt copies of
	// keys.
	copyEnvironment = []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvSecretsTable, EnvSecretsKey}

	listKeys        = Access{Resource: Listing, Partition: OrgItems, Actions: []string{Query}}
	auditAppend     = Access{Resource: AuditTable, Partition: OrgItems, Actions: []string{PutItem}}
	dropCopies      = copies(DeleteItem)
	dropLastUses    = Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{DeleteItem}}
	throughTableKey = on(TableKey, Decrypt)
	// readLastUses reads when keys were last used, readUses what for, and listUses
	// which of an organization's keys were used.
	readLastUses = Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{BatchGetItem}}
	readUses     = Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{Query}}
	listUses     = Access{Resource: UsageIndex, Partition: OrgItems, Actions: []string{Query}}

	// changeKey changes a key, and changeUser a user and the user's personal keys.
	changeKey = writer(
		items(KeyItems, BatchGetItem, PutItem, CheckItem),
		items(OrgItems, BatchGetItem, PutItem, UpdateItem, DeleteItem, CheckItem),
		listKeys,
	)
	changeUser = writer(
		items(KeyItems, BatchGetItem, PutItem, CheckItem),
		items(OrgItems, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem, CheckItem),
		listKeys,
	)
	// checkKeys checks keys for others.
	checkKeys = reader(items(PepperItems, Query), on(PepperKey, Decrypt))
)

// reader returns the access of a function that changes nothing. It reads the
// caller's key, and the user and policy among the organization's items.
func reader(more ...Access) []Access {
	return append([]Access{items(KeyItems, BatchGetItem), items(OrgItems, BatchGetItem), throughTableKey}, more...)
}

// writer returns the access of a function that changes these items and records
// that in the audit log.
func writer(these ...Access) []Access { return append(these, auditAppend, throughTableKey) }

// consumer returns the access of a function that a table's stream invokes.
// Lambda itself uses it, to read the stream and to write the queue.
func consumer(table Resource, more ...Access) []Access {
	return append([]Access{
		on(StreamOf(table), GetRecords, GetShardIterator, DescribeStream, ListStreams),
		on(DeadLetters, SendMessage), throughTableKey,
	}, more...)
}

// on returns access to a resource without items, such as a KMS key.
func on(key Resource, actions ...string) Access {
	return Access{Resource: key, Actions: actions}
}

// copies returns access to the encrypted copies of keys.
func copies(actions ...string) Access {
	return Access{Resource: SecretsTable, Partition: KeyItems, Actions: actions}
}

// sealing returns access to the secrets key for some purposes.
func sealing(action string, purposes ...Purpose) Access {
	return Access{Resource: SecretsKey, Actions: []string{action}, Purposes: purposes}
}

// items returns access to one kind of items in the main table.
func items(kind Partition, actions ...string) Access {
	return Access{Resource: Table, Partition: kind, Actions: actions}
}

func canonical(method, path string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Canonical, Status: status, Permissions: permissions}
}

// named gives a route a name and a summary of its own in the documents.
func named(name, summary string, route Route) Route {
	route.Name, route.Summary = name, summary
	return route
}

// selfService returns a route at which users manage their own personal keys, and
// key managers those of others.
func selfService(method, path string, status int) Route {
	return Route{Method: method, Path: path, Dialect: Canonical, Status: status, Others: keyManagers}
}

// selfRotation returns a route at which a key's secrets change: a key with that
// permission changes its own.
func selfRotation(method, path string, status int) Route {
	route := selfService(method, path, status)
	route.Self, route.Changes = permission.SelfRotate, true
	return route
}

func catena(method, path, name string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Catena, Name: name, Status: status, Permissions: permissions}
}

func supermetrics(method, path string, status int, permissions ...string) Route {
	return Route{Method: method, Path: path, Dialect: Supermetrics, Status: status, Permissions: permissions}
}

// patches maps an operation that replaces something to the operation that
// changes part of it.
var patches = map[string]Operation{
	"update-policy": {Name: "patch-policy", Summary: "Change part of a policy, and so the permissions of all its API keys"},
	"update-user":   {Name: "patch-user", Summary: "Change part of a user, and so the permissions of the user's personal API keys"},
	// Like update-organization, it requires an OWNER.
	"update-organization": {Name: "patch-organization", Summary: "Change some of the organization's settings. Only an OWNER can"},
}

// withPatches inserts each of [patches] after its operation, with the same
// access and environment.
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

// unknown returns the operation that answers, in each dialect, every request
// that no other route takes: other paths below the dialect's roots, and other
// methods of known paths, which API Gateway sends to the greedy path as well.
// Without it, the gateway itself would answer and take such a request's
// Authorization header for a signature.
func unknown() Operation {
	return Operation{
		Name: "unknown-route", Summary: "Answer 404 in the format that the path belongs to", Public: true,
		Routes: []Route{
			{Method: Any, Path: "/v1/{proxy+}", Dialect: Canonical, Status: http.StatusNotFound},
			{Method: Any, Path: "/api/v1/{proxy+}", Dialect: Catena, Status: http.StatusNotFound},
			{Method: Any, Path: "/enterprise/v2/{proxy+}", Dialect: Supermetrics, Status: http.StatusNotFound},
		},
	}
}
