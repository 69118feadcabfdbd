package dynamo_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// Authentication reads a key with one strongly consistent read of the table: an
// eventual one could revive a key that was deleted.
func TestKeyIsOneConsistentRead(t *testing.T) {
	client := &stub{get: func(_ context.Context, input *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error) {
		if !aws.ToBool(input.ConsistentRead) || aws.ToString(input.TableName) != "keys" {
			t.Errorf("consistent %v, table %s", input.ConsistentRead, *input.TableName)
		}
		return &awsdynamodb.GetItemOutput{}, nil
	}}
	_, err := dynamo.New(client, dynamo.Names{Table: "keys"}).Key(t.Context(), entropyID())
	if apikey.KindOf(err) != apikey.NotFound || client.calls != 1 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}

// A pepper that was just made is seen at once.
func TestPeppersAreReadConsistently(t *testing.T) {
	client := &stub{query: func(_ context.Context, input *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
		if !aws.ToBool(input.ConsistentRead) || input.IndexName != nil {
			t.Errorf("consistent %v, index %v", input.ConsistentRead, input.IndexName)
		}
		return &awsdynamodb.QueryOutput{}, nil
	}}
	if _, err := dynamo.New(client, dynamo.Names{}).Peppers(t.Context()); err != nil || client.calls != 1 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}

// A page of DynamoDB's may end anywhere, and may be empty: the listing goes on
// until it has what it was asked for, and reads no more than that.
func TestListingGoesOnOverShortPages(t *testing.T) {
	r := records["key"]
	items := make([]attributes, 7)
	for i := range items {
		items[i] = r.encoded(t)
		items[i]["pk"] = textValue(fmt.Sprintf("KEY#00000000-0000-4000-8000-%012d", i))
	}
	sizes, next := []int{0, 2, 0, 1, 4}, 0
	client := &stub{}
	client.query = func(_ context.Context, input *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
		if *input.IndexName != schema.Listing || (input.ExclusiveStartKey != nil) != (client.calls > 1) {
			t.Errorf("call %d: index %s, start %v", client.calls, *input.IndexName, input.ExclusiveStartKey)
		}
		size := min(sizes[client.calls-1], int(*input.Limit))
		page := &awsdynamodb.QueryOutput{Items: items[next : next+size]}
		if next += size; next < len(items) {
			page.LastEvaluatedKey = attributes{"pk": textValue("anything")}
		}
		return page, nil
	}
	keys, more, err := dynamo.New(client, dynamo.Names{}).Keys(t.Context(), acme, apikey.KeyFilter{}, apikey.Position{}, 5)
	if err != nil || len(keys) != 5 || !more || next != 6 {
		t.Fatalf("%d keys, more %v, error %v; %d items read", len(keys), more, err, next)
	}
	for i, key := range keys {
		if want := (keytext.ID{6: 0x40, 8: 0x80, 15: byte(i)}); key.ID != want {
			t.Errorf("key %d is %s", i, key.ID)
		}
	}
}

// A change that DynamoDB could not take as one transaction is refused before
// anything is sent.
func TestChangeHasALimit(t *testing.T) {
	var apis []apikey.API
	for i := range 100 {
		apis = append(apis, apikey.API{Account: "123456789012", ID: fmt.Sprint(i)})
	}
	client := &stub{}
	err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), apikey.Change{
		Writes: []apikey.Write{apikey.PutService{After: apikey.Service{ID: "files", APIs: apis}}},
		Audits: make([]apikey.AuditRecord, 1),
	})
	if err == nil || apikey.KindOf(err) != apikey.Unavailable || client.calls != 0 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}
