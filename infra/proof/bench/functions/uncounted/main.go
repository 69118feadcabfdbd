// Command uncounted is the authorizer without counting what keys are used for.
package main

import (
	"log/slog"
	"os"

	"github.com/keyward/keyward/authorizer/wiring"
	"github.com/keyward/keyward/shared/runtimeapi"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	wiring.KeepHeapSmall()
	runtimeapi.Start(func() (runtimeapi.Handler, error) {
		a, err := wiring.New(os.LookupEnv, log)
		if err != nil {
			return nil, err
		}
		a.Uses = nil
		a.Prime()
		return a, nil
	}, log)
}
