//go:build !keyward_stock

// Command authorizer is the Lambda authorizer of every API that Keyward guards.
//
// # Decisions
//
// The program runs its own loop over the Lambda runtime API (runtimeapi) instead
// of aws-lambda-go's. Every guarded request waits for the authorizer, and most
// decisions come from memory, so the loop is most of what they cost. make bench
// printed, in one run on two cores:
//
//	MEASURED                            AGAINST                    RATIO  OURS     THEIRS
//	CPU of a cached decision            the same on aws-lambda-go  0.31x  82.1 us  270 us
//	wall time of a cached decision      the same on aws-lambda-go  0.51x  161 us   327 us
//	time a cached decision, 64 at once  hello-world                0.37x  70.7 us  189 us
//
// The loop also works after its answer is sent, before it asks for the next event:
// it writes what keys were used for (usage). aws-lambda-go sends the answer when
// the handler returns, and has no such moment.
//
// Build with the tag keyward_stock to run on aws-lambda-go. Do that if Lambda
// changes its runtime API in a way that this loop does not handle, if an
// invocation fails and you want to rule the loop out, or if you need what the
// loop leaves out: see runtimeapi. Nothing else changes; a test compares the
// answers of both builds byte for byte. That build writes the uses of keys in the
// next invocation, while it decides, and gives up after 5 ms.
//
// It parses events with a scanner of its own instead of jsontext: jsonscan gives the
// reason. go-jose parses access tokens (token), which costs 0.4 MB of binary.
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
		a.Prime()
		return a, nil
	}, log)
}
