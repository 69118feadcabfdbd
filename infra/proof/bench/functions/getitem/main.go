// Command getitem only reads one item from DynamoDB for each event, with the
// authorizer's client.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/proof/bench/functions/environment"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

func main() {
	clients, settings := environment.Clients()
	table := clients.DynamoDB()
	key := map[string]types.AttributeValue{
		schema.PartitionKey: &types.AttributeValueMemberS{Value: os.Getenv(environment.PartitionKey)},
		schema.SortKey:      &types.AttributeValueMemberS{Value: os.Getenv(environment.SortKey)},
	}
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (string, error) {
		_, err := table.GetItem(ctx, &dynamodb.GetItemInput{TableName: &settings.Table, Key: key, ConsistentRead: aws.Bool(true)})
		return "hello", err
	})
}
