package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// Key implements [apikey.Store] with one strongly consistent read. A damaged
// record is [apikey.Unavailable].
func (s *Store) Key(ctx context.Context, id keytext.ID) (apikey.Key, error) {
	return get(ctx, s, "read a key", keyKey(id), decodeKey, apikey.NoSuchKey)
}

// Organization implements [apikey.Store].
func (s *Store) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	return get(ctx, s, "read an organization", orgKey(id), decodeOrganization, func() *apikey.Error {
		return &apikey.Error{Kind: apikey.NotFound, Detail: "There is no such organization."}
	})
}

// Service implements [apikey.Store].
func (s *Store) Service(ctx context.Context, api apikey.API) (apikey.Service, error) {
	return get(ctx, s, "read a service", apiKey(api), decodeService, func() *apikey.Error {
		return &apikey.Error{Kind: apikey.NotFound, Detail: "The API belongs to no service."}
	})
}

func get[T any](ctx context.Context, s *Store, doing string, key item, decode func(item) (T, error), missing func() *apikey.Error) (T, error) {
	var none T
	input := &dynamodb.GetItemInput{TableName: &s.names.Table, Key: key, ConsistentRead: aws.Bool(true)}
	var output *dynamodb.GetItemOutput
	err := reading.try(ctx, func(ctx context.Context) (err error) {
		output, err = s.client.GetItem(ctx, input, singly)
		return err
	})
	if err != nil {
		return none, apikey.Failed(doing, err)
	}
	if output.Item == nil {
		return none, missing()
	}
	value, err := decode(output.Item)
	if err != nil {
		return none, apikey.Failed(doing, err)
	}
	return value, nil
}

// Peppers implements [apikey.Store] with a strongly consistent read.
func (s *Store) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.names.Table,
		KeyConditionExpression:    aws.String(schema.PartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(pepperPartition)},
		ConsistentRead:            aws.Bool(true),
	}
	return query(ctx, s, "read the peppers", input, 0, decodePepper)
}

// Keys implements [apikey.Store] by the index, which follows the table within
// about a second.
func (s *Store) Keys(ctx context.Context, org apikey.OrgID, after apikey.Position, limit int) (keys []apikey.Key, more bool, err error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.names.Table,
		IndexName:                 aws.String(schema.Listing),
		KeyConditionExpression:    aws.String(schema.ListingPartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(orgPartition(org))},
	}
	if after != (apikey.Position{}) {
		input.KeyConditionExpression = aws.String(schema.ListingPartitionKey + " = :p AND " + schema.ListingSortKey + " > :after")
		input.ExpressionAttributeValues[":after"] = text(listingPosition(after.CreatedOn, after.ID))
	}
	keys, err = query(ctx, s, "list keys", input, limit+1, decodeKey)
	if err != nil {
		return nil, false, err
	}
	if len(keys) > limit {
		return keys[:limit:limit], true, nil
	}
	return keys, false, nil
}

// query reads pages until it has want items, or all of them where want is 0.
func query[T any](ctx context.Context, s *Store, doing string, input *dynamodb.QueryInput, want int, decode func(item) (T, error)) ([]T, error) {
	var values []T
	for {
		if want > 0 {
			input.Limit = aws.Int32(int32(want - len(values)))
		}
		var output *dynamodb.QueryOutput
		err := reading.try(ctx, func(ctx context.Context) (err error) {
			output, err = s.client.Query(ctx, input, singly)
			return err
		})
		if err != nil {
			return nil, apikey.Failed(doing, err)
		}
		for _, encoded := range output.Items {
			value, err := decode(encoded)
			if err != nil {
				return nil, apikey.Failed(doing, err)
			}
			values = append(values, value)
		}
		if len(output.LastEvaluatedKey) == 0 || want > 0 && len(values) >= want {
			return values, nil
		}
		input.ExclusiveStartKey = output.LastEvaluatedKey
	}
}
