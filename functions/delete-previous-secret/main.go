// Command delete-previous-secret is the Lambda function of DELETE
// /v1/apikeys/{id}/secrets/previous.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("delete-previous-secret"))
}
