package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// batches is a client that only answers batch reads, each after a second.
type batches struct {
	dynamo.API
	mu    sync.Mutex
	calls int
	get   func(call int, asked types.KeysAndAttributes) (*awsdynamodb.BatchGetItemOutput, error)
}

func (b *batches) BatchGetItem(_ context.Context, input *awsdynamodb.BatchGetItemInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.BatchGetItemOutput, error) {
	b.mu.Lock()
	b.calls++
	call := b.calls
	b.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
	return b.get(call, input.RequestItems["table"])
}

// manyIDs returns different ids.
func manyIDs(count int) (ids []uuid.UUID) {
	for n := range count {
		ids = append(ids, uuid.UUID{6: 0x40, 8: 0x80, 14: byte(n >> 8), 15: byte(n)})
	}
	return ids
}

// named returns an item with a name for each of the keys.
func named(keys []attributes) (items []attributes) {
	for _, key := range keys {
		item := attributes{"pk": key["pk"], "sk": key["sk"], "name": textValue("n"), "email": textValue("e")}
		items = append(items, item)
	}
	return items
}

// The names of any number of records are read in the time of one call: in
// concurrent batches, small enough that DynamoDB reads each at once even if
// every record has the maximum size. Only names come back.
func TestNamesAreOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &batches{get: func(_ int, asked types.KeysAndAttributes) (*awsdynamodb.BatchGetItemOutput, error) {
			if len(asked.Keys) > 40 || aws.ToString(asked.ProjectionExpression) != "pk, sk, #name, email" || !aws.ToBool(asked.ConsistentRead) {
				t.Errorf("%d keys, projection %s", len(asked.Keys), aws.ToString(asked.ProjectionExpression))
			}
			return &awsdynamodb.BatchGetItemOutput{Responses: map[string][]attributes{"table": named(asked.Keys)}}, nil
		}}
		began := time.Now()
		names, err := dynamo.New(client, dynamo.Names{Table: "table"}).Names(t.Context(), acme, manyIDs(200), append(manyIDs(120), uuid.UUID{}))
		if err != nil || len(names.Policies) != 200 || len(names.Users) != 120 || client.calls != 8 || time.Since(began) != 100*time.Millisecond {
			t.Errorf("%d and %d names, error %v, %d calls in %v", len(names.Policies), len(names.Users), err, client.calls, time.Since(began))
		}
	})
}

// So are any number of records.
func TestRecordsAreOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &batches{get: func(_ int, asked types.KeysAndAttributes) (*awsdynamodb.BatchGetItemOutput, error) {
			if len(asked.Keys) > 100 {
				t.Errorf("%d keys in a batch", len(asked.Keys))
			}
			return &awsdynamodb.BatchGetItemOutput{}, nil
		}}
		var refs []apikey.Ref
		for _, id := range manyIDs(250) {
			refs = append(refs, apikey.KeyRef(id))
		}
		began := time.Now()
		found, err := dynamo.NewReader(client, dynamo.Names{Table: "table"}).Read(t.Context(), refs...)
		if err != nil || len(found) != 250 || client.calls != 3 || time.Since(began) != 100*time.Millisecond {
			t.Errorf("%d records, error %v, %d calls in %v", len(found), err, client.calls, time.Since(began))
		}
	})
}

// Keys that DynamoDB leaves unprocessed are requested again. If one batch
// fails, reading the names fails.
func TestNamesAreComplete(t *testing.T) {
	halves := &batches{get: func(_ int, asked types.KeysAndAttributes) (*awsdynamodb.BatchGetItemOutput, error) {
		half := (len(asked.Keys) + 1) / 2
		rest := types.KeysAndAttributes{Keys: asked.Keys[half:]}
		output := &awsdynamodb.BatchGetItemOutput{Responses: map[string][]attributes{"table": named(asked.Keys[:half])}}
		if len(rest.Keys) > 0 {
			output.UnprocessedKeys = map[string]types.KeysAndAttributes{"table": rest}
		}
		return output, nil
	}}
	names, err := dynamo.New(halves, dynamo.Names{Table: "table"}).Names(t.Context(), acme, manyIDs(50), nil)
	if err != nil || len(names.Policies) != 50 {
		t.Errorf("%d names, error %v", len(names.Policies), err)
	}
	broken := &batches{get: func(call int, asked types.KeysAndAttributes) (*awsdynamodb.BatchGetItemOutput, error) {
		if call%2 == 0 {
			return nil, &types.ResourceNotFoundException{Message: aws.String(fmt.Sprint("call ", call))}
		}
		return &awsdynamodb.BatchGetItemOutput{}, nil
	}}
	_, err = dynamo.New(broken, dynamo.Names{Table: "table"}).Names(t.Context(), acme, manyIDs(90), nil)
	if cause := (*types.ResourceNotFoundException)(nil); !errors.As(err, &cause) || apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("error %v", err)
	}
}
