package dynamo_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
)

var tableNames = dynamo.Names{Table: "main", Audit: "audit", Secrets: "secrets"}

// operation is what a transaction does to one item.
type operation struct {
	verb, table, sort string
	condition         string
	old               types.ReturnValuesOnConditionCheckFailure
}

func operationOf(i types.TransactWriteItem) operation {
	sort := func(key attributes) string { return key["sk"].(*types.AttributeValueMemberS).Value }
	switch {
	case i.Put != nil:
		return operation{"put", *i.Put.TableName, sort(i.Put.Item), aws.ToString(i.Put.ConditionExpression), i.Put.ReturnValuesOnConditionCheckFailure}
	case i.Delete != nil:
		return operation{"delete", *i.Delete.TableName, sort(i.Delete.Key), aws.ToString(i.Delete.ConditionExpression), i.Delete.ReturnValuesOnConditionCheckFailure}
	case i.Update != nil:
		return operation{"update", *i.Update.TableName, sort(i.Update.Key), aws.ToString(i.Update.ConditionExpression), i.Update.ReturnValuesOnConditionCheckFailure}
	default:
		return operation{"check", *i.ConditionCheck.TableName, sort(i.ConditionCheck.Key), aws.ToString(i.ConditionCheck.ConditionExpression), i.ConditionCheck.ReturnValuesOnConditionCheckFailure}
	}
}

// sent returns the operations that the store sends for a change, and the error
// of Commit if DynamoDB reports success.
func sent(t *testing.T, writes ...apikey.Write) (operations []operation, err error) {
	t.Helper()
	client := &stub{transact: func(_ context.Context, input *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
		for _, i := range input.TransactItems {
			operations = append(operations, operationOf(i))
		}
		return &awsdynamodb.TransactWriteItemsOutput{}, nil
	}}
	err = dynamo.New(client, tableNames).Commit(t.Context(), apikey.Change{
		Writes: writes, Audits: requireChange.Audits,
	})
	return operations, err
}

func personalKey() apikey.Key {
	key := modifiedKey()
	key.Type, key.ID[0] = apikey.TypePersonal, key.ID[0]+1
	return key
}

// A key, its claim, each of its owners and the audit record get one operation
// each, whatever the change does to them. DynamoDB allows only one for each
// item.
func TestOneOperationForEachItem(t *testing.T) {
	key := personalKey()
	got, err := sent(t, apikey.CreateKey{Key: key},
		apikey.Require{Ref: apikey.UserRef(acme, key.OnBehalfOf), Version: 1}, apikey.Require{Ref: apikey.PolicyRef(acme, key.Policy), Version: 3},
		apikey.ReplaceOrganization{Before: apikey.Organization{ID: acme, Version: 1}, After: apikey.Organization{ID: acme, Version: 2}})
	if err != nil {
		t.Fatal(err)
	}
	id := key.Policy.String()
	want := []operation{
		{"put", "main", "KEY", "(attribute_not_exists(#pk))", ""},
		{"update", "main", "ORG", "(attribute_exists(#pk)) AND (#keyCount < #maxKeys) AND (#version = :v2)", types.ReturnValuesOnConditionCheckFailureAllOld},
		{"update", "main", "POLICY#" + id, "(#deleted = :v0) AND (#version = :v1)", types.ReturnValuesOnConditionCheckFailureAllOld},
		{"update", "main", "USER#" + id, "(attribute_exists(#pk)) AND (#keyCount <= :v1) AND (#version = :v2)", types.ReturnValuesOnConditionCheckFailureAllOld},
		{"put", "main", "NAME#name", "(attribute_not_exists(#pk))", ""},
	}
	if len(got) != len(want)+1 {
		t.Fatalf("%d operations: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("operation %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if audit := got[len(want)]; audit.verb != "put" || audit.table != "audit" || audit.condition != "(attribute_not_exists(#pk))" || audit.old != "" {
		t.Errorf("the audit record is written by %+v", audit)
	}
}

// The secrets table is used only for recoverable keys, because the roles of
// other functions cannot access it.
func TestSecretsAreForRecoverableKeys(t *testing.T) {
	touches := func(writes ...apikey.Write) (n int) {
		operations, err := sent(t, writes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range operations {
			if o.table == "secrets" {
				n++
			}
		}
		return n
	}
	plain, recoverable := modifiedKey(), modifiedKey()
	recoverable.Recoverable = true
	if n := touches(apikey.CreateKey{Key: plain}) + touches(apikey.DeleteKey{Key: plain}) + touches(apikey.ReplaceKey{Before: recoverable, After: recoverable}); n != 0 {
		t.Errorf("%d operations for keys that are not recoverable, or not new", n)
	}
	if created, deleted := touches(apikey.CreateKey{Key: recoverable, Sealed: []byte{1}}), touches(apikey.DeleteKey{Key: recoverable}); created != 1 || deleted != 1 {
		t.Errorf("%d operations for a creation, %d for a deletion, want 1 and 1", created, deleted)
	}
}

// A change that does not fit into a transaction is refused before anything is
// sent.
func TestImpossibleChanges(t *testing.T) {
	key, other := modifiedKey(), personalKey()
	other.Claim = "other"
	for name, writes := range map[string][]apikey.Write{
		"one key twice":      {apikey.ReplaceKey{Before: key, After: key}, apikey.DeleteKey{Key: key}},
		"one name twice":     {apikey.DeleteKey{Key: key}, apikey.CreateKey{Key: func() apikey.Key { k := other; k.Claim = key.Claim; return k }()}},
		"two keys, one more": {apikey.CreateKey{Key: key}, apikey.CreateKey{Key: other}},
	} {
		if operations, err := sent(t, writes...); err == nil || apikey.KindOf(err) != apikey.Permanent || operations != nil {
			t.Errorf("%s: error %v, %d operations", name, err, len(operations))
		}
	}
}

// Deleting a key whose user is gone leaves out the user's count. That is a
// different transaction, which DynamoDB would refuse with the first one's
// token, so it has another token.
func TestCountOfGoneOwner(t *testing.T) {
	key := personalKey()
	var counted []bool
	var tokens []string
	client := &stub{transact: func(_ context.Context, input *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
		codes, found := make([]string, len(input.TransactItems)), false
		for i, each := range input.TransactItems {
			if codes[i] = "None"; operationOf(each).sort == "USER#"+key.OnBehalfOf.String() {
				codes[i], found = "ConditionalCheckFailed", true
			}
		}
		counted, tokens = append(counted, found), append(tokens, aws.ToString(input.ClientRequestToken))
		if found {
			return nil, cancelled(codes...)
		}
		return &awsdynamodb.TransactWriteItemsOutput{}, nil
	}}
	err := dynamo.New(client, tableNames).Commit(t.Context(), apikey.Change{
		Writes: []apikey.Write{apikey.DeleteKey{Key: key}}, Audits: requireChange.Audits,
	})
	if err != nil || len(counted) != 2 || !counted[0] || counted[1] || tokens[0] == tokens[1] {
		t.Errorf("error %v; counted %v, tokens %q", err, counted, tokens)
	}
}

// A filtered query has no DynamoDB limit, because that limit counts items that
// the filter leaves out.
func TestFilteredListingHasNoLimit(t *testing.T) {
	client := &stub{query: func(_ context.Context, input *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
		if input.Limit != nil || aws.ToString(input.FilterExpression) != "#policy = :policy" {
			t.Errorf("limit %v, filter %s", input.Limit, aws.ToString(input.FilterExpression))
		}
		return &awsdynamodb.QueryOutput{}, nil
	}}
	_, err := dynamo.New(client, tableNames).Keys(t.Context(), acme, apikey.KeyFilter{Policy: entropyID()}, apikey.Position{}, 1)
	if err != nil || client.calls != 1 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}
