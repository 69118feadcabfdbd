//go:build keyward_stock

package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/authorizer/wiring"
)

func main() {
	lambda.Start(wiring.Handler())
}
