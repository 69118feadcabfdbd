// Command patch-user is the Lambda function of PATCH /v1/users/{id}.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("patch-user"))
}
