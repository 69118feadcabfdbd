//go:build !keyward_stock

// Command authorizer is the Lambda authorizer of every API that Keyward guards.
// It runs on Keyward's own loop over the Lambda runtime API; with the build tag
// keyward_stock it runs on aws-lambda-go, and answers the same.
package main

import (
	"log/slog"
	"os"

	"github.com/keyward/keyward/authorizer/runtimeapi"
	"github.com/keyward/keyward/authorizer/wiring"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	runtimeapi.Start(func() (runtimeapi.Handler, error) {
		a, err := wiring.New(os.LookupEnv, log)
		if err != nil {
			return nil, err
		}
		a.Prime()
		return a.Handler, nil
	}, log)
}
