// Command patch-organization is the Lambda function of PATCH /v1/organization.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("patch-organization"))
}
