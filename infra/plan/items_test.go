package plan

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// A policy says what the table says: every action on what it names, on items and
// keys only under conditions. Each pair of action and resource is in one
// statement, whose name is unique.
func TestStatements(t *testing.T) {
	for _, op := range operations.Functions() {
		got, want, sids := map[string]int{}, map[string]int{}, map[string]bool{}
		for _, access := range op.Access {
			for _, action := range access.Actions {
				want[action+" on "+string(access.Resource)] = 1
			}
		}
		for _, s := range Statements(op, "t", "r", "s") {
			free := slices.Contains([]operations.Resource{operations.StreamOf(op.Stream), operations.DeadLetters, operations.EventBus}, s.Resource)
			if sids[s.Sid] || (len(s.Conditions) == 0) != free {
				t.Errorf("%s: %s is not the only one, or has conditions %v", op.Name, s.Sid, s.Conditions)
			}
			sids[s.Sid] = true
			for _, action := range s.Actions {
				got[action+" on "+string(s.Resource)]++
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", op.Name, got, want)
		}
	}
}

// An action on a table has all its kinds of items in one condition, so that IAM
// allows a batch over several of them and nothing if they are unknown. An action
// that can be in a transaction also has the kinds for which it is used in other
// tables.
func TestItemStatements(t *testing.T) {
	got := Statements(operations.Operation{Access: []operations.Access{
		{Resource: operations.Table, Partition: operations.OrgItems, Actions: []string{operations.BatchGetItem, operations.PutItem}},
		{Resource: operations.Table, Partition: operations.KeyItems, Actions: []string{operations.PutItem, operations.CheckItem}},
		{Resource: operations.SecretsTable, Partition: operations.KeyItems, Actions: []string{operations.BatchGetItem}},
		{Resource: operations.AuditTable, Partition: operations.OrgItems, Actions: []string{operations.PutItem}},
	}}, "t", "r")
	var texts []string
	for _, s := range got {
		texts = append(texts, fmt.Sprint(s))
	}
	want := []string{
		"{ItemsOrg table [dynamodb:BatchGetItem] map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[ORG#*]] Null:map[dynamodb:LeadingKeys:[false]]]}",
		"{ItemsKeyOrg table [dynamodb:PutItem] map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[KEY#* ORG#*]] Null:map[dynamodb:LeadingKeys:[false]]]}",
		"{ItemsKey table [dynamodb:ConditionCheckItem] map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[KEY#*]] Null:map[dynamodb:LeadingKeys:[false]]]}",
		"{SecretsTableKey secrets-table [dynamodb:BatchGetItem] map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[KEY#*]] Null:map[dynamodb:LeadingKeys:[false]]]}",
		"{AuditAppendKeyOrg audit-table [dynamodb:PutItem] map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[KEY#* ORG#*]] ForAnyValue:StringEquals:map[dynamodb:EnclosingOperation:[TransactWriteItems]] Null:map[dynamodb:LeadingKeys:[false]]]}",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("statements %q", texts)
	}
}

// This is the cost of IAM's unknown handling of transactions: some roles may
// put items into the main table that their functions do not put. They may update
// and delete those kinds anyway, or they change keys and write the audit log.
func TestWhatTransactionsWiden(t *testing.T) {
	var wider []string
	for _, op := range operations.Functions() {
		may := map[string]bool{}
		for _, access := range op.Access {
			for _, action := range access.Actions {
				may[action+" "+string(access.Resource)+" "+string(access.Partition)] = true
			}
		}
		for _, s := range Statements(op, "t", "r", "s") {
			for _, kind := range s.Conditions[iam.AllStringsLike][operations.LeadingKeys] {
				for _, action := range s.Actions {
					if s.Resource != operations.Table || may[action+" table "+kind] {
						continue
					}
					wider = append(wider, op.Name+" "+action+" "+kind)
					if changesKeys := may[operations.PutItem+" table "+string(operations.KeyItems)]; changesKeys && action == operations.PutItem {
						continue
					}
					if !may[operations.UpdateItem+" table "+kind] || !may[operations.DeleteItem+" table "+kind] {
						t.Errorf("%s may %s %s, and neither update nor delete it", op.Name, action, kind)
					}
				}
			}
		}
	}
	want := []string{"delete-apikey dynamodb:PutItem ORG#*", "delete-previous-secret dynamodb:PutItem ORG#*",
		"report-exposure dynamodb:PutItem ORG#*", "delete-policy dynamodb:PutItem ORG#*", "delete-service dynamodb:PutItem ORG#*", "sweep dynamodb:PutItem ORG#*", "record-usage dynamodb:PutItem ORG#*"}
	if !slices.Equal(wider, want) {
		t.Errorf("wider are %q, want %q", wider, want)
	}
}

// A role may read all its kinds of items in one batch. With one statement for
// each kind, it could read each kind alone, but no two together.
func TestBatchNeedsOneStatement(t *testing.T) {
	for _, op := range operations.Functions() {
		var whole, split iam.Policy
		var kinds []string
		for _, s := range Statements(op, "t", "r", "s") {
			if !slices.Contains(s.Actions, operations.BatchGetItem) {
				continue
			}
			kinds = s.Conditions[iam.AllStringsLike][operations.LeadingKeys]
			whole = append(whole, iam.Statement{Actions: s.Actions, Resources: []string{"table"}, Conditions: s.Conditions})
			for _, kind := range kinds {
				split = append(split, iam.Statement{Actions: s.Actions, Resources: []string{"table"}, Conditions: iam.Conditions{
					iam.AllStringsLike: {operations.LeadingKeys: {kind}}, iam.Null: s.Conditions[iam.Null],
				}})
			}
		}
		reads := func(kinds ...string) iam.Request {
			return iam.Request{Action: operations.BatchGetItem, Resource: "table", Context: map[string][]string{operations.LeadingKeys: kinds}}
		}
		if len(kinds) > 0 && !whole.Allows(reads(kinds...)) || len(kinds) > 1 && split.Allows(reads(kinds...)) {
			t.Errorf("%s: a batch of %v: allowed %t, in statements of a kind each %t", op.Name, kinds, whole.Allows(reads(kinds...)), split.Allows(reads(kinds...)))
		}
		for _, kind := range kinds {
			if !whole.Allows(reads(kind)) || !split.Allows(reads(kind)) {
				t.Errorf("%s cannot read %s", op.Name, kind)
			}
		}
	}
}

// Every right of a role is used by its function: the end-to-end tests used each.
func TestEveryRightIsUsed(t *testing.T) {
	calls, err := iam.ReadCalls("../iam/testdata/calls.json")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, call := range calls {
		right := call.Function + " " + call.Action + " " + call.Resource
		used[right] = true
		for _, partition := range call.Context[operations.LeadingKeys] {
			used[right+" "+partition] = true
		}
	}
	for _, op := range operations.Functions() {
		for _, access := range op.Access {
			for _, action := range access.Actions {
				right := op.Name + " " + action + " " + string(access.Resource)
				if access.Partition != "" {
					right += " " + string(access.Partition)
				}
				if !used[right] {
					t.Errorf("nothing uses the right %s: take it away, or let a test of infra/proof/e2e call the operation, and record that with KEYWARD_RECORD=1 go test ./infra/proof/e2e", right)
				}
			}
		}
	}
}
