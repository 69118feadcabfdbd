// Command unknown-route is the Lambda function of all that no other route takes.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("unknown-route"))
}
