// Command unprimed is the authorizer as it is, but for its priming: it does no
// I/O before its first poll.
package main

import (
	"log"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keyward/keyward/shared/wiring/authorizer"
)

func main() {
	a, err := authorizer.New(os.LookupEnv, slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(a.Handler)
}
