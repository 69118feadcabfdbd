package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// transacted lists the actions that a transaction needs.
var transacted = []string{operations.PutItem, operations.UpdateItem, operations.DeleteItem, operations.CheckItem}

// itemStatements returns the statements for access to items. The condition
// covers all partitions of a request. So one statement must list every kind of
// items of an action and table: with two, neither would allow a batch across
// both.
//
// IAM considers that condition met by a request without partitions, such as a
// Scan. A second condition therefore requires that they are present.
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

// kindsOf returns the kinds of items for which an action on a resource must be
// allowed. AWS does not document how it authorizes a transaction: each operation
// by itself, all of one action and table together, or all of one action across
// tables. So an action that can be in a transaction is allowed for every kind on
// which the function uses it, in any table. That widens access little. A table
// holds no items of most kinds. And a function that may write the audit log and
// delete an organization's items could change those anyway.
func kindsOf(all []operations.Access, resource operations.Resource, action string) []string {
	kinds := map[string]bool{}
	for _, access := range all {
		if access.Partition != "" && slices.Contains(access.Actions, action) && (access.Resource == resource || slices.Contains(transacted, action)) {
			kinds[string(access.Partition)] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

// itemsName returns the prefix of the name of a statement about items.
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

// ofKinds returns the conditions that a request touches only items of those
// kinds, and that an audit record is written in the transaction of a change.
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

// inContext returns the conditions that an encryption context has one of those
// values for each name, any value for the name other, and nothing else.
func inContext(values map[string][]string, other string) iam.Conditions {
	equal, names := map[string][]string{}, []string{other}
	for name, allowed := range values {
		equal[operations.ContextKey+name] = allowed
		names = append(names, name)
	}
	slices.Sort(names)
	return iam.Conditions{
		iam.StringEquals:    equal,
		iam.Null:            {operations.ContextKey + other: {"false"}},
		iam.AllStringsEqual: {operations.ContextKeys: names},
	}
}

func texts[S ~string](values []S) (all []string) {
	for _, value := range values {
		all = append(all, string(value))
	}
	return all
}
