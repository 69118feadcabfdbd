package dynamo_test

import (
	"context"
	"maps"
	"slices"
	"strings"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shelf is a client that stores items in memory and ignores all conditions.
type shelf struct{ items map[[3]string]attributes }

func newShelf() *shelf { return &shelf{map[[3]string]attributes{}} }

func textOf(value types.AttributeValue) string {
	text, _ := value.(*types.AttributeValueMemberS)
	if text == nil {
		return ""
	}
	return text.Value
}

func placeOf(table string, key attributes) [3]string {
	return [3]string{table, textOf(key["pk"]), textOf(key["sk"])}
}

func (s *shelf) TransactWriteItems(_ context.Context, input *awsdynamodb.TransactWriteItemsInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.TransactWriteItemsOutput, error) {
	for _, item := range input.TransactItems {
		switch {
		case item.Put != nil:
			s.items[placeOf(*item.Put.TableName, item.Put.Item)] = item.Put.Item
		case item.Update != nil && textOf(item.Update.Key["pk"]) == "PEPPER":
			s.items[placeOf(*item.Update.TableName, item.Update.Key)] = itemOfUpdate(item.Update)
		case item.Delete != nil:
			delete(s.items, placeOf(*item.Delete.TableName, item.Delete.Key))
		}
	}
	return &awsdynamodb.TransactWriteItemsOutput{}, nil
}

func (s *shelf) BatchGetItem(_ context.Context, input *awsdynamodb.BatchGetItemInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.BatchGetItemOutput, error) {
	output := &awsdynamodb.BatchGetItemOutput{Responses: map[string][]attributes{}}
	for table, keys := range input.RequestItems {
		for _, key := range keys.Keys {
			if item := s.items[placeOf(table, key)]; item != nil {
				output.Responses[table] = append(output.Responses[table], item)
			}
		}
	}
	return output, nil
}

func (s *shelf) GetItem(_ context.Context, input *awsdynamodb.GetItemInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.GetItemOutput, error) {
	return &awsdynamodb.GetItemOutput{Item: s.items[placeOf(*input.TableName, input.Key)]}, nil
}

// Query returns all items of a partition.
func (s *shelf) Query(_ context.Context, input *awsdynamodb.QueryInput, _ ...func(*awsdynamodb.Options)) (*awsdynamodb.QueryOutput, error) {
	output := &awsdynamodb.QueryOutput{}
	for _, place := range slices.SortedFunc(maps.Keys(s.items), func(a, b [3]string) int { return strings.Compare(a[2], b[2]) }) {
		if place[0] == *input.TableName && place[1] == textOf(input.ExpressionAttributeValues[":p"]) {
			output.Items = append(output.Items, s.items[place])
		}
	}
	return output, nil
}
