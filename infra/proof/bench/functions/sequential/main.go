// Command sequential makes the authorizer's reads and its KMS call up to the
// first answer, one after the other and with the SDK alone. At the start it
// reads the peppers and decrypts the active one. At each event it reads the key
// and the status of the organization that the key names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/proof/bench/functions/environment"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

func main() {
	clients, settings := environment.Clients()
	table, keys := clients.DynamoDB(), clients.KMS()
	peppers, err := table.Query(context.Background(), &dynamodb.QueryInput{
		TableName: &settings.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String(schema.PartitionKey + " = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "PEPPER"}},
	})
	if err != nil || len(peppers.Items) != 1 {
		log.Fatal("read the peppers: ", err)
	}
	wrapped, _ := peppers.Items[0]["wrapped"].(*types.AttributeValueMemberB)
	if _, err := keys.Decrypt(context.Background(), &kms.DecryptInput{
		CiphertextBlob: wrapped.Value, KeyId: &settings.PepperKey,
		EncryptionContext: map[string]string{"service": "keyward", "table": settings.Table, "version": "1"},
	}); err != nil {
		log.Fatal("decrypt the pepper: ", err)
	}
	read := func(ctx context.Context, partition, sort string) (map[string]types.AttributeValue, error) {
		output, err := table.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &settings.Table, ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
				schema.PartitionKey: &types.AttributeValueMemberS{Value: partition},
				schema.SortKey:      &types.AttributeValueMemberS{Value: sort},
			},
		})
		if err != nil {
			return nil, err
		}
		return output.Item, nil
	}
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (string, error) {
		key, err := read(ctx, os.Getenv(environment.PartitionKey), os.Getenv(environment.SortKey))
		if err != nil {
			return "", err
		}
		org, ok := key["org"].(*types.AttributeValueMemberS)
		if !ok {
			return "", errors.New("the key names no organization")
		}
		if item, err := read(ctx, "ORG#"+org.Value, "STATUS"); err != nil || item == nil {
			return "", errors.Join(errors.New("there is no such organization"), err)
		}
		return "hello", nil
	})
}
