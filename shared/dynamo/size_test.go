package dynamo_test

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"testing"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/dynamo"
)

// An item's size is counted to the byte as DynamoDB counts it: DynamoDB accepts
// an item of exactly the limit, and refuses one with a byte more.
func TestItemSizeIsDynamoDBs(t *testing.T) {
	client, names := dynamodb.Client(server.URL), newTables(t)
	shapes := map[string]types.AttributeValue{
		"text": textValue("grün"), "none": textValue(""), "bytes": binaryValue(3), "true": &types.AttributeValueMemberBOOL{Value: true},
		"no list": listValue(), "list": listValue(textValue(""), textValue("ab"), numberValue("12")), "no map": mapValue(attributes{}),
		"map": mapValue(attributes{"name": textValue("v"), "ä": numberValue("7")}),
		"in":  listValue(mapValue(attributes{"k": listValue(textValue("x"), mapValue(attributes{}))}), mapValue(attributes{})),
	}
	for _, n := range []int64{0, 1, -1, 9, 10, 12, 99, 100, 101, 120, 1000, 1200, 12345, 1_000_000, 1_000_001, math.MaxInt64, math.MinInt64} {
		text := strconv.FormatInt(n, 10)
		shapes["number "+text] = numberValue(text)
	}
	for name, value := range shapes {
		whole := attributes{"pk": textValue("p"), "sk": textValue("s"), "v": value, "fill": textValue("")}
		room := dynamo.MaxItemBytes - dynamo.ItemSize(whole)
		for _, over := range []int{0, 1} {
			whole["fill"] = textValue(strings.Repeat("x", room+over))
			_, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &names.Table, Item: whole})
			if (err == nil) != (over == 0) {
				t.Errorf("%s, %d over: %v", name, over, err)
			}
		}
	}
}

// The size of a transaction is the sum of the items that it puts.
func TestTransactionSizeIsDynamoDBs(t *testing.T) {
	client, names := dynamodb.Client(server.URL), newTables(t)
	for _, over := range []int{0, 1} {
		input, left := &awsdynamodb.TransactWriteItemsInput{}, dynamo.MaxTransactionBytes+over
		for i := range 11 {
			whole := attributes{"pk": textValue("p"), "sk": textValue(fmt.Sprintf("%02d", i)), "fill": textValue("")}
			whole["fill"] = textValue(strings.Repeat("x", min(left, 390_000)-dynamo.ItemSize(whole)))
			left -= dynamo.ItemSize(whole)
			input.TransactItems = append(input.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: &names.Table, Item: maps.Clone(whole)}})
		}
		_, err := client.TransactWriteItems(t.Context(), input)
		if left != 0 || (err == nil) != (over == 0) {
			t.Errorf("%d over, %d left: %v", over, left, err)
		}
	}
}
