package dynamo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
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

// A change that DynamoDB could not take as one transaction is refused before
// anything is sent.
func TestChangeHasALimit(t *testing.T) {
	var apis []routing.API
	for i := range 100 {
		apis = append(apis, routing.API{Account: "123456789012", ID: fmt.Sprint(i)})
	}
	client := &stub{}
	err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), apikey.Change{
		Writes: []apikey.Write{apikey.PutService{After: apikey.Service{ID: "files", APIs: apis}}},
		Audits: make([]apikey.AuditRecord, 1),
	})
	if err == nil || apikey.KindOf(err) != apikey.Permanent || client.calls != 0 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}

// An address that is too long for any user is not found and costs no call: it
// comes from a token, and is not an outage.
func TestAddressThatIsTooLong(t *testing.T) {
	client := &stub{}
	_, err := dynamo.New(client, tableNames).UserByClaim(t.Context(), acme, strings.Repeat("a", 1019))
	if apikey.KindOf(err) != apikey.NotFound || client.calls != 0 {
		t.Errorf("error %v after %d calls", err, client.calls)
	}
}
