package dynamo_test

import (
	"context"
	"maps"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// stub is a client whose answers come from functions of the test. It counts its
// calls.
type stub struct {
	get      func(context.Context, *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error)
	query    func(context.Context, *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error)
	transact func(context.Context, *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error)
	calls    int
}

// BatchGetItem counts as one call, and answers for every key what GetItem
// would.
func (s *stub) BatchGetItem(ctx context.Context, input *awsdynamodb.BatchGetItemInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.BatchGetItemOutput, error) {
	s.calls++
	output := &awsdynamodb.BatchGetItemOutput{Responses: map[string][]attributes{}}
	for table, keys := range input.RequestItems {
		for _, key := range keys.Keys {
			got, err := s.get(ctx, &awsdynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: keys.ConsistentRead})
			if err != nil {
				return nil, err
			}
			if got.Item != nil {
				item := maps.Clone(got.Item)
				maps.Copy(item, key)
				output.Responses[table] = append(output.Responses[table], item)
			}
		}
	}
	return output, nil
}

func (s *stub) GetItem(ctx context.Context, input *awsdynamodb.GetItemInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.GetItemOutput, error) {
	s.calls++
	return s.get(ctx, input)
}

func (s *stub) Query(ctx context.Context, input *awsdynamodb.QueryInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.QueryOutput, error) {
	s.calls++
	return s.query(ctx, input)
}

func (s *stub) TransactWriteItems(ctx context.Context, input *awsdynamodb.TransactWriteItemsInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.TransactWriteItemsOutput, error) {
	s.calls++
	return s.transact(ctx, input)
}
