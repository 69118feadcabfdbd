package plan

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// itemStatements are the access to items of the main table. The condition is
// about all partitions of a request, so that an action has all its kinds of
// items in one statement: of two, neither would allow a batch or a transaction
// over both.
// Of a request without partitions, such as a Scan, IAM would take it to hold,
// were it not for the one that they are known.
func itemStatements(all []operations.Access) []Statement {
	var actions []string
	kinds := map[string][]string{} // by action
	for _, access := range all {
		for _, action := range access.Actions {
			if access.Partition == "" {
				continue
			}
			if kinds[action] == nil {
				actions = append(actions, action)
			}
			kinds[action] = append(kinds[action], string(access.Partition))
		}
	}
	var statements []Statement
	at := map[string]int{} // by name
	for _, action := range actions {
		sid := "Items" + LogicalID(strings.ToLower(strings.Join(kinds[action], " ")))
		if _, known := at[sid]; !known {
			at[sid] = len(statements)
			statements = append(statements, Statement{Sid: sid, Resource: operations.Table, Conditions: iam.Conditions{
				iam.AllStringsLike: {operations.LeadingKeys: slices.Sorted(slices.Values(kinds[action]))},
				iam.Null:           {operations.LeadingKeys: {"false"}},
			}})
		}
		statements[at[sid]].Actions = append(statements[at[sid]].Actions, action)
	}
	return statements
}

// equal are conditions that each key has its one value.
func equal(values map[string][]string) iam.Conditions {
	return iam.Conditions{iam.StringEquals: values}
}
