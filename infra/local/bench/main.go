// Command bench measures the authorizer's real binary against the least that a
// Lambda function on the same libraries can do. Both sides of each row run in
// turn within one run, in the environment that Lambda gives a function; what
// counts is the ratio of their medians. Absolute times are the machine's.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	only := flag.String("only", "", "measure only what has this in its name")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	holds, err := run(ctx, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward: bench:", err)
		os.Exit(1)
	}
	if !holds {
		os.Exit(1)
	}
}

func run(ctx context.Context, only string) (holds bool, err error) {
	say("starting DynamoDB Local and the KMS stand-in; all takes about three minutes")
	f, err := newFixture(ctx)
	if f != nil {
		defer f.close()
	}
	if err != nil {
		return false, err
	}
	var rows []row
	for _, part := range []struct {
		name    string
		measure func(context.Context, *fixture) ([]row, error)
	}{
		{"start-up", startUpRows}, {"first answers", firstRows}, {"cached decisions", cachedRows},
		{"cached decisions in one process", inProcessRows}, {"the loop", loopRows}, {"a throttled processor", throttledRows},
		{"uncached decisions", uncachedRows}, {"growth of the table, to 200,000 keys", growthRows}, {"memory", memoryRows},
	} {
		if !strings.Contains(part.name, only) {
			continue
		}
		say("measuring: %s", part.name)
		more, err := part.measure(ctx, f)
		if err != nil {
			return false, fmt.Errorf("%s: %w", part.name, err)
		}
		rows = append(rows, more...)
	}
	fmt.Println()
	return show(os.Stdout, rows), nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "keyward: "+format+"\n", args...) }
