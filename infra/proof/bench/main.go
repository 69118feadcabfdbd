// Command bench compares the authorizer's real binary with the least that a
// Lambda function on the same libraries can do. Both sides of each row run
// alternately in one run, in a Lambda function's environment. Only the median of
// their ratios counts; absolute times depend on the machine. Command bench also
// counts how often a decision waits for the tables, which does not depend on the
// machine.
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
	say("starting DynamoDB Local and the KMS stand-in; all takes seven minutes or more")
	f, err := newFixture(ctx)
	if f != nil {
		defer f.close()
	}
	if err != nil {
		return false, err
	}
	var rows []row
	var counts []count
	for _, p := range parts {
		if !strings.Contains(p.name, only) {
			continue
		}
		say("measuring: %s", p.name)
		if p.measure != nil {
			more, err := p.measure(ctx, f)
			if err != nil {
				return false, fmt.Errorf("%s: %w", p.name, err)
			}
			rows = append(rows, more...)
		}
		if p.count != nil {
			more, err := p.count(ctx, f)
			if err != nil {
				return false, fmt.Errorf("%s: %w", p.name, err)
			}
			counts = append(counts, more...)
		}
	}
	fmt.Println()
	holds = show(os.Stdout, "COUNTED\tWAITS\tAT MOST\tCALLS\tRECORDS\t", counts)
	return show(os.Stdout, "MEASURED\tAGAINST\tRATIO\tAT MOST\tOURS\tTHEIRS\tSAMPLES\t", rows) && holds, nil
}

// part is a separately measured part: rows of ratios, or counts.
type part struct {
	name    string
	measure func(context.Context, *fixture) ([]row, error)
	count   func(context.Context, *fixture) ([]count, error)
}

var parts = []part{
	{name: "waits of the authorizer", count: authorizerCounts},
	{name: "start-up", measure: startUpRows}, {name: "first answers", measure: firstRows},
	{name: "cached decisions", measure: cachedRows}, {name: "cached decisions in one process", measure: inProcessRows},
	{name: "counted decisions", measure: countedRows}, {name: "writes of uses", measure: writtenRows},
	{name: "the loop", measure: loopRows}, {name: "a throttled processor", measure: throttledRows},
	{name: "uncached decisions", measure: uncachedRows}, {name: "growth of the table, to 200,000 keys", measure: growthRows},
	{name: "verifications", measure: verifyRows}, {name: "verifications under load", measure: loadRows},
	{name: "memory", measure: memoryRows}, {name: "the guard of net/http", measure: guardRows},
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "keyward: "+format+"\n", args...) }
