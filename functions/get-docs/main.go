// Command get-docs is the Lambda function of GET /v1/docs and what is below.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("get-docs"))
}
