package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// replica is a region whose table is a table of its own. The tests fill it.
const replica = "eu-west-2"

// replicate does to the replica what global tables would do for a key.
func replicate(t *testing.T, id string) {
	t.Helper()
	client := dynamodb.Client(running.DynamoDBURL())
	key := map[string]types.AttributeValue{
		schema.PartitionKey: &types.AttributeValueMemberS{Value: "KEY#" + id}, schema.SortKey: &types.AttributeValueMemberS{Value: "KEY"},
	}
	found, err := client.GetItem(t.Context(), &awsdynamodb.GetItemInput{TableName: aws.String(schema.TableName), Key: key, ConsistentRead: aws.Bool(true)})
	if err == nil {
		_, err = client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: aws.String(stack.ReplicaTable), Item: found.Item})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Two tables stand for two regions. The second is behind until it has the
// change, and only then there is a moment from which no older version of the key
// can be allowed. The deletion of a key travels like any other change.
func TestPropagation(t *testing.T) {
	key := admin.Create(t, "propagated", "ManageFiles")
	path := "/v1/apikeys/" + key.ID + "/propagation"
	for _, change := range []func(){
		func() {},
		func() {
			admin.Do(t, http.MethodPatch, "/v1/apikeys/"+key.ID, `{"enabled":false}`).Want(t, http.StatusOK)
		},
	} {
		change()
		for _, state := range []string{"behind", "current"} {
			began := time.Now()
			found := stacktest.JSON[canonical.Propagation](t, admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK))
			at := slices.IndexFunc(found.Regions, func(r canonical.Region) bool { return r.Region == replica })
			if at != 1 || found.Regions[0].State != "current" || found.Regions[1].State != state {
				t.Fatalf("%+v, want %s", found, state)
			}
			if until, err := time.Parse(time.RFC3339, found.OlderAllowedUntil); (err == nil) != (state == "current") || err == nil && until.Before(began.Add(cacheTTL)) {
				t.Errorf("%s: until %s", state, found.OlderAllowedUntil)
			}
			replicate(t, key.ID)
		}
	}
	admin.Delete(t, key.ID)
	for _, state := range []string{"behind", "current"} {
		found := stacktest.JSON[canonical.Propagation](t, admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK))
		if found.Version != 3 || found.DeletedOn == "" || len(found.Regions) != 2 || found.Regions[1].State != state {
			t.Errorf("deleted: %+v, want %s", found, state)
		}
		replicate(t, key.ID)
	}
}
