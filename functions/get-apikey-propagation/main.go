// Command get-apikey-propagation is the Lambda function of GET
// /v1/apikeys/{id}/propagation.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("get-apikey-propagation"))
}
