// Command rotate-pepper is a Lambda function that an operator invokes directly, or
// a schedule if the owner sets one.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("rotate-pepper"))
}
