// Command report-exposure is the Lambda function of POST /v1/exposures.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	lambda.Start(wiring.Operation("report-exposure"))
}
