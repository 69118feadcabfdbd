package dynamo

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	// maxNamed is how many records DynamoDB always reads in one batch: up to
	// 400 kB each and 16 MB together.
	maxNamed = 40
	// namedAtOnce is how many batches are read at the same time.
	namedAtOnce = 8
)

// Names implements [apikey.Store] with strongly consistent batches that are
// read at the same time. Only the name of each record comes back, however large
// the record.
func (s *Reader) Names(ctx context.Context, org apikey.OrgID, policies, users []uuid.UUID) (apikey.Names, error) {
	named := make(map[itemKey]apikey.Ref)
	for _, id := range policies {
		named[s.names.policy(org, id)] = apikey.PolicyRef(org, id)
	}
	for _, id := range users {
		named[s.names.user(org, id)] = apikey.UserRef(org, id)
	}
	delete(named, s.names.policy(org, uuid.UUID{}))
	delete(named, s.names.user(org, uuid.UUID{}))
	names := apikey.Names{Policies: map[uuid.UUID]string{}, Users: map[uuid.UUID]string{}}
	err := s.readNames(ctx, named, func(ref apikey.Ref, encoded item) {
		r := &reader{item: encoded}
		if ref.Subject == apikey.SubjectPolicy {
			names.Policies[ref.ID] = r.text("name")
		} else {
			names.Users[ref.ID] = r.text("email")
		}
	})
	return names, err
}

// readNames reads the names of records, and calls found for each that exists,
// one call at a time.
func (s *Reader) readNames(ctx context.Context, named map[itemKey]apikey.Ref, found func(apikey.Ref, item)) error {
	var keys []item
	for at := range named {
		keys = append(keys, at.key())
	}
	var mu sync.Mutex
	var failed error
	var group sync.WaitGroup
	turns := make(chan struct{}, namedAtOnce)
	for batch := range slices.Chunk(keys, maxNamed) {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			items, err := s.readNameBatch(ctx, batch)
			mu.Lock()
			defer mu.Unlock()
			for _, encoded := range items {
				found(named[keyOf(s.names.Table, encoded)], encoded)
			}
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	return failed
}

// readNameBatch reads the names in one batch of items.
func (s *Reader) readNameBatch(ctx context.Context, pending []item) (items []item, err error) {
	for len(pending) > 0 {
		output, err := s.batch(ctx, s.names.Table, types.KeysAndAttributes{
			Keys: pending, ConsistentRead: aws.Bool(true),
			ProjectionExpression:     aws.String(schema.PartitionKey + ", " + schema.SortKey + ", #name, email"),
			ExpressionAttributeNames: map[string]string{"#name": "name"},
		})
		if err != nil {
			return nil, apikey.UnavailableError("read names", err)
		}
		items = append(items, output.Responses[s.names.Table]...)
		pending = output.UnprocessedKeys[s.names.Table].Keys
	}
	return items, nil
}
