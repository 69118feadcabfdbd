// Command record-usage is a Lambda function that the usage table's stream
// invokes.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("record-usage"))
}
