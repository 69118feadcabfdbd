// Command clients is hello plus the authorizer's two SDK clients, which it
// constructs but does not use.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func main() {
	config := aws.Config{Region: os.Getenv("AWS_REGION")}
	tables, keys := dynamodb.NewFromConfig(config), kms.NewFromConfig(config)
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (string, error) {
		if ctx == nil { // never true: it keeps the linker from dropping the clients' operations
			_, _ = tables.GetItem(ctx, nil)
			_, _ = tables.Query(ctx, nil)
			_, _ = keys.Decrypt(ctx, nil)
		}
		return "hello", nil
	})
}
