package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// transacted are the actions that a transaction's operations need.
var transacted = []string{operations.PutItem, operations.UpdateItem, operations.DeleteItem, operations.CheckItem}

// itemStatements are the access to items. The condition is about all partitions of
// a request, so that an action on a table has all its kinds of items in one
// statement: of two, neither would allow a batch over both.
//
// Of a request without partitions, such as a Scan, IAM would take it to hold, were
// it not for the one that they are known.
func itemStatements(all []operations.Access) []Statement {
	var statements []Statement
	at := map[string]int{} // by name
	for _, access := range all {
		if access.Partition == "" {
			continue
		}
		for _, action := range access.Actions {
			kinds := kindsOf(all, access.Resource, action)
			sid := itemsName(access.Resource, action) + LogicalID(strings.ToLower(strings.Join(kinds, " ")))
			if _, known := at[sid]; !known {
				at[sid] = len(statements)
				statements = append(statements, Statement{Sid: sid, Resource: access.Resource, Conditions: ofKinds(access.Resource, action, kinds)})
			}
			if statement := &statements[at[sid]]; !slices.Contains(statement.Actions, action) {
				statement.Actions = append(statement.Actions, action)
			}
		}
	}
	return statements
}

// kindsOf are the kinds of items that an action on a resource must be allowed for.
// AWS does not document whether it asks IAM about each operation of a transaction
// by itself, about all of an action and table together, or about all of an action
// in whatever tables. An action that can be in a transaction is therefore allowed
// for what the function does by it in any table. That widens little: a table holds
// no items of most kinds, and whoever may put something into the audit log and
// delete among an organization's items could change those anyway.
func kindsOf(all []operations.Access, resource operations.Resource, action string) []string {
	kinds := map[string]bool{}
	for _, access := range all {
		if access.Partition != "" && slices.Contains(access.Actions, action) && (access.Resource == resource || slices.Contains(transacted, action)) {
			kinds[string(access.Partition)] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

// itemsName begins the name of a statement about items.
func itemsName(resource operations.Resource, action string) string {
	switch {
	case resource == operations.Table:
		return "Items"
	case appends(resource, action):
		return "AuditAppend"
	}
	return LogicalID(string(resource))
}

// appends reports whether an action writes to the audit log.
func appends(resource operations.Resource, action string) bool {
	return resource == operations.AuditTable && action == operations.PutItem
}

// ofKinds are the conditions that a request is about items of those kinds alone,
// and that a record of the audit log is written in the transaction of a change.
func ofKinds(resource operations.Resource, action string, kinds []string) iam.Conditions {
	conditions := iam.Conditions{
		iam.AllStringsLike: {operations.LeadingKeys: kinds},
		iam.Null:           {operations.LeadingKeys: {"false"}},
	}
	if appends(resource, action) {
		conditions[iam.AnyStringEquals] = map[string][]string{operations.EnclosingOperation: {operations.TransactWriteItems}}
	}
	return conditions
}

// inContext are the conditions that an encryption context has those values, some
// value of that other name, and nothing else.
func inContext(values map[string]string, other string) iam.Conditions {
	equal, names := map[string][]string{}, []string{other}
	for name, value := range values {
		equal[operations.ContextKey+name] = []string{value}
		names = append(names, name)
	}
	slices.Sort(names)
	return iam.Conditions{
		iam.StringEquals:    equal,
		iam.Null:            {operations.ContextKey + other: {"false"}},
		iam.AllStringsEqual: {operations.ContextKeys: names},
	}
}
