package e2e

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// runbook returns the value of an option of the restore commands in the runbook.
func runbook(t *testing.T, option string) *string {
	t.Helper()
	document, err := os.ReadFile("../../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	_, restore, found := strings.Cut(string(document), "3. Disable in it every key")
	value := regexp.MustCompile(`--` + option + ` '([^']*)'`).FindStringSubmatch(restore)
	if !found || value == nil {
		t.Fatalf("the runbook's restore has no --%s", option)
	}
	return &value[1]
}

func texts(values ...string) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	for i := 0; i < len(values); i += 2 {
		item[values[i]] = &types.AttributeValueMemberS{Value: values[i+1]}
	}
	return item
}

// The runbook's restore handles a key that was deleted since. The restored table
// brings it back, but the audit log still names it. The documented update
// refuses it again and lets the API delete it. A key that was not deleted works
// throughout.
func TestRestoredTable(t *testing.T) {
	client := dynamodb.Client(running.DynamoDBURL())
	kept, deleted := admin.Create(t, "restore: kept"), admin.Create(t, "restore: deleted")
	ask := func(key stacktest.Key) func() stacktest.Answer {
		return func() stacktest.Answer { return admin.With(key.APIKey).Do(t, http.MethodGet, "/v1/whoami", "") }
	}
	table := schema.TableName
	backup := itemsOf(t, client, table)
	before := time.Now().Add(-time.Second).UTC().Format("2006-01-02T15:04:05Z") // as the runbook says, a second earlier
	admin.Delete(t, deleted.ID)
	settled(t, time.Now(), ask(deleted), http.StatusUnauthorized)

	for _, item := range backup {
		pk, _ := item[schema.PartitionKey].(*types.AttributeValueMemberS)
		if pk == nil || pk.Value != "KEY#"+deleted.ID && pk.Value != "ORG#demo" {
			continue // the deletion changed nothing there
		}
		if _, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	settled(t, time.Now(), ask(deleted), http.StatusOK)

	for _, id := range endedSince(t, client, before) {
		_, err := client.UpdateItem(t.Context(), &awsdynamodb.UpdateItemInput{
			TableName: &table, Key: texts(schema.PartitionKey, "KEY#"+id, schema.SortKey, "KEY"),
			UpdateExpression: runbook(t, "update-expression"), ConditionExpression: runbook(t, "condition-expression"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":t": &types.AttributeValueMemberBOOL{Value: true}},
		})
		if err != nil && id == deleted.ID {
			t.Fatal(err)
		}
	}
	committed := time.Now()
	settled(t, committed, ask(deleted), http.StatusUnauthorized)
	settled(t, committed, ask(kept), http.StatusOK)
	admin.Do(t, http.MethodDelete, "/v1/apikeys/"+deleted.ID, "").Want(t, http.StatusNoContent)
}

// itemsOf returns every item of a table.
func itemsOf(t *testing.T, client *awsdynamodb.Client, table string) (items []map[string]types.AttributeValue) {
	t.Helper()
	for pages := awsdynamodb.NewScanPaginator(client, &awsdynamodb.ScanInput{TableName: &table}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// endedSince returns the ids of the keys that were deleted since a time
// according to the audit log, by the runbook's query.
func endedSince(t *testing.T, client *awsdynamodb.Client, since string) (ids []string) {
	t.Helper()
	table := schema.AuditTableName
	found, err := client.Query(t.Context(), &awsdynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: runbook(t, "key-condition-expression"),
		ExpressionAttributeValues: texts(":o", "ORG#demo", ":t", since),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range found.Items {
		action, _ := record["action"].(*types.AttributeValueMemberS)
		target, _ := record["target"].(*types.AttributeValueMemberS)
		if action != nil && target != nil && action.Value == "apikey.delete" {
			ids = append(ids, target.Value)
		}
	}
	return ids
}
