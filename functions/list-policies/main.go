// Command list-policies is the Lambda function of GET /v1/policies.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("list-policies"))
}
