//go:build keyward_stock

package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	wiring "github.com/keyward/keyward/shared/wiring/authorizer"
)

func main() {
	lambda.Start(wiring.Handler())
}
