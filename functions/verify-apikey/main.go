// Command verify-apikey is the Lambda function of POST /v1/verify.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("verify-apikey"))
}
