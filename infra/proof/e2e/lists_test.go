package e2e

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// page is a page of any listing.
type page struct {
	Items []struct {
		ID string `json:"id"`
	} `json:"items"`
	NextCursor string `json:"nextCursor"`
	Damaged    int    `json:"damaged"`
}

// listed reads a listing to its end through the gateway. It returns how many
// distinct items and damaged ones it shows, and its number of pages.
func listed(t *testing.T, as stacktest.Client, path string) (items, damaged, pages int) {
	t.Helper()
	seen := map[string]bool{}
	for cursor := "-"; cursor != ""; pages++ {
		query := ""
		if pages > 0 {
			query = "?cursor=" + url.QueryEscape(cursor)
		}
		p := stacktest.JSON[page](t, as.Do(t, http.MethodGet, path+query, "").Want(t, http.StatusOK))
		for _, item := range p.Items {
			if seen[item.ID] {
				t.Errorf("%s shows %s twice", path, item.ID)
			}
			seen[item.ID] = true
		}
		damaged, cursor = damaged+p.Damaged, p.NextCursor
	}
	return len(seen), damaged, pages
}

// fill writes 36 changes of a large service, 56 such services and 30 large
// policies directly to the store, because the gateway would take long.
func fill(t *testing.T, org apikey.OrgID) {
	t.Helper()
	store := dynamo.New(dynamodb.Client(running.DynamoDBURL()), dynamo.Names{Table: schema.TableName, Audit: schema.AuditTableName})
	id := func() uuid.UUID {
		id, err := uuid.New(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	now, large := time.Now().UTC().Truncate(time.Millisecond), strings.Repeat(`"\`, 50_000)
	commit := func(audit apikey.AuditRecord, writes ...apikey.Write) {
		audit.ID, audit.Org, audit.At, audit.Action = id(), org, now, "test"
		if err := store.Commit(t.Context(), apikey.Change{Writes: writes, Audits: []apikey.AuditRecord{audit}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 36 {
		commit(apikey.AuditRecord{Target: "large", After: map[string]string{"routes": large}}) // an event of almost the largest size
	}
	for n := range 56 {
		commit(apikey.AuditRecord{}, apikey.PutService{After: apikey.Service{ID: fmt.Sprint("large-", n), Org: org, Name: large, CreatedOn: now, Version: 1}})
	}
	for n := range 30 {
		commit(apikey.AuditRecord{}, apikey.CreatePolicy{Policy: apikey.Policy{
			ID: id(), Org: org, Name: fmt.Sprint(n), Claim: fmt.Sprint(n), Description: large + large + large, CreatedOn: now, Version: 1,
		}})
	}
}

// breakOne makes one item unreadable whose key has that prefix.
func breakOne(t *testing.T, org apikey.OrgID, sort string) {
	t.Helper()
	client := dynamodb.Client(running.DynamoDBURL())
	found, err := client.Query(t.Context(), &awsdynamodb.QueryInput{
		TableName: aws.String(schema.TableName), Limit: aws.Int32(1), KeyConditionExpression: aws.String("pk = :p AND begins_with(sk, :s)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":p": &types.AttributeValueMemberS{Value: "ORG#" + string(org)}, ":s": &types.AttributeValueMemberS{Value: sort},
		},
	})
	if err == nil && len(found.Items) == 1 {
		_, err = client.UpdateItem(t.Context(), &awsdynamodb.UpdateItemInput{
			TableName: aws.String(schema.TableName), Key: map[string]types.AttributeValue{"pk": found.Items[0]["pk"], "sk": found.Items[0]["sk"]},
			UpdateExpression: aws.String("REMOVE version"),
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Records may be of any size, and damaged. Each paged list reaches its end in
// pages that the gateway can carry, and says how many records it left out. An
// unpaged list is refused if it does not fit.
func TestListsOfLargeAndDamagedRecords(t *testing.T) {
	as := tenant(t, "lists")
	fill(t, "lists")
	breakOne(t, "lists", "POLICY#")
	breakOne(t, "lists", "SERVICE#")
	for path, want := range map[string][2]int{"/v1/services": {55, 1}, "/v1/policies": {29, 1}, "/v1/audit-events": {36 + 56 + 30, 0}} {
		items, damaged, pages := listed(t, as, path)
		if items < want[0] || damaged != want[1] || pages < 3 {
			t.Errorf("%s: %d items and %d damaged ones in %d pages, want %d and %d", path, items, damaged, pages, want[0], want[1])
		}
	}
	if answer := as.Do(t, http.MethodGet, "/api/v1/api_keys/policies", "").Want(t, http.StatusBadRequest); !strings.Contains(string(answer.Body), "at /v1/policies") {
		t.Errorf("refused with %s", answer.Body)
	}
}
