// Command suspend-organization is a Lambda function that an operator invokes
// directly.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("suspend-organization"))
}
