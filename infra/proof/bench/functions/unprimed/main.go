// Command unprimed is the authorizer on its own loop, without priming: it does
// no I/O before its first poll.
package main

import (
	"log/slog"
	"os"

	"github.com/keyward/keyward/authorizer/wiring"
	"github.com/keyward/keyward/shared/runtimeapi"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	runtimeapi.Start(func() (runtimeapi.Handler, error) {
		a, err := wiring.New(os.LookupEnv, log)
		if err != nil {
			return nil, err
		}
		return a.Handler, nil
	}, log)
}
