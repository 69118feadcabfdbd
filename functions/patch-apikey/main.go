// Command patch-apikey is the Lambda function of PATCH /v1/apikeys/{id}.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("patch-apikey"))
}
