// Command delete-service is the Lambda function of DELETE /v1/services/{id}.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("delete-service"))
}
