// Command delete-user is the Lambda function of DELETE /v1/users/{id}.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("delete-user"))
}
