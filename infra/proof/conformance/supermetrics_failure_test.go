package conformance

import (
	"context"
	"maps"
	"net/http"
	"testing"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// Supermetrics, "Errors": API_KEY_UPDATE_FAILED is the answer if a change fails
// without the caller's fault, here because the key's record is damaged. Other
// operations have their own code for that.
func TestSupermetricsUpdateFailed(t *testing.T) {
	line(t, "supermetrics/update-failed")
	_, key := add(t, admin, stacktest.Member{})
	damage(t, canonicalID(key.ID))
	wantError(t, admin.Do(t, http.MethodPatch, apiKey+"/"+key.ID, `{"description":"lost"}`), http.StatusInternalServerError, "API_KEY_UPDATE_FAILED")
	wantError(t, admin.Down().Do(t, http.MethodGet, apiKey+"/"+key.ID, ""), http.StatusServiceUnavailable, "UNAVAILABLE")
}

// damage makes a key's record unreadable until the test ends.
func damage(t *testing.T, id string) {
	t.Helper()
	client, table := dynamodb.Client(running.DynamoDBURL()), schema.TableName
	got, err := client.GetItem(t.Context(), &awsdynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{
		schema.PartitionKey: &types.AttributeValueMemberS{Value: "KEY#" + id}, schema.SortKey: &types.AttributeValueMemberS{Value: "KEY"},
	}})
	if err != nil || got.Item == nil {
		t.Fatalf("the key's record cannot be read: %v", err)
	}
	damaged := maps.Clone(got.Item)
	damaged["digest"] = &types.AttributeValueMemberB{Value: []byte{1}}
	put := func(ctx context.Context, item map[string]types.AttributeValue) {
		t.Helper()
		if _, err := client.PutItem(ctx, &awsdynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { put(context.WithoutCancel(t.Context()), got.Item) })
	put(t.Context(), damaged)
}
