// Command bench measures the authorizer's real binary against the least that a
// Lambda function on the same libraries can do. Both sides of each row run in
// turn within one run, in the environment that Lambda gives a function; what
// counts is the ratio of their medians. Absolute times are the machine's.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	holds, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward: bench:", err)
		os.Exit(1)
	}
	if !holds {
		os.Exit(1)
	}
}

func run(ctx context.Context) (holds bool, err error) {
	say("starting DynamoDB Local and the KMS stand-in; all takes about two minutes")
	f, err := newFixture(ctx)
	if f != nil {
		defer f.close()
	}
	if err != nil {
		return false, err
	}
	say("measuring: uncached decisions with %d keys in the table", fewKeys)
	small, err := uncached(ctx, f)
	if err != nil {
		return false, err
	}
	if err := f.mint(ctx, measuredKeys); err != nil {
		return false, err
	}
	growthRows := func(ctx context.Context, f *fixture) ([]row, error) { return growthRows(ctx, f, small) }
	var rows []row
	for _, part := range []struct {
		name    string
		measure func(context.Context, *fixture) ([]row, error)
	}{
		{"start-up", startUpRows}, {"first answers", firstRows},
		{"cached decisions", cachedRows}, {"the loop", loopRows}, {"uncached decisions", uncachedRows},
		{"growth of the table, to 200,000 keys", growthRows},
	} {
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

func (f *fixture) authorizer(cacheTTL string) side {
	return side{
		binary: filepath.Join("dist", "local", "authorizer", "bootstrap"), environment: f.environment(cacheTTL),
		warmUp: 3 * measuredKeys, event: func(n int) []byte { return f.events[n%len(f.events)] },
	}
}

func (f *fixture) against(name string) side {
	s := f.authorizer("0")
	s.binary = function(name)
	return s
}

func startUpRows(ctx context.Context, f *fixture) ([]row, error) {
	unprimed := f.authorizer("5")
	unprimed.binary = function("unprimed")
	ours, theirs, err := startUp(ctx, 60, [2]side{unprimed, f.against("clients")})
	if err != nil {
		return nil, err
	}
	again, hello, err := startUp(ctx, 30, [2]side{unprimed, f.against("hello")})
	return []row{
		{what: "start to first poll, unprimed", against: "the two SDK clients alone", ours: ours, theirs: theirs, unit: "ms", most: 1.15},
		{what: "start to first poll, unprimed", against: "hello-world", ours: again, theirs: hello, unit: "ms"},
	}, err
}

func firstRows(ctx context.Context, f *fixture) ([]row, error) {
	ours, theirs, err := firstAnswer(ctx, 40, [2]side{f.authorizer("5"), f.against("sequential")})
	if err != nil {
		return nil, err
	}
	first, later, err := firstDecision(ctx, 30, f.authorizer("0"))
	return []row{
		{what: "start to first answer, primed", against: "the same calls in sequence", ours: ours, theirs: theirs, unit: "ms", most: 1.1},
		{what: "first decision after a primed start", against: "warm uncached decision", ours: first, theirs: later, unit: "ms", most: 3},
	}, err
}

func cachedRows(ctx context.Context, f *fixture) ([]row, error) {
	cpu, wall, memory, err := warm(ctx, 20, [2]side{f.authorizer("300"), f.against("hello")})
	return []row{
		{what: "CPU of a cached decision", against: "hello-world", ours: cpu[0], theirs: cpu[1], unit: "us", most: 1.5},
		{what: "wall time of a cached decision", against: "hello-world", ours: wall[0], theirs: wall[1], unit: "us"},
		{what: "peak memory", against: "hello-world", ours: memory[0], theirs: memory[1], unit: "MB", most: 1.6},
	}, err
}

func uncachedRows(ctx context.Context, f *fixture) ([]row, error) {
	cpu, wall, _, err := warm(ctx, 20, [2]side{f.authorizer("0"), f.against("getitem")})
	return []row{
		{what: "CPU of an uncached decision", against: "bare GetItem", ours: cpu[0], theirs: cpu[1], unit: "us", most: 1.2},
		{what: "wall time of an uncached decision", against: "bare GetItem", ours: wall[0], theirs: wall[1], unit: "us"},
	}, err
}

// growthRows hold uncached decisions over a large table against small, the same
// over one with few keys.
func growthRows(ctx context.Context, f *fixture, small []float64) ([]row, error) {
	var rows []row
	have := len(f.keys)
	for _, size := range []int{10_000, 200_000} {
		if err := f.fill(ctx, have, size); err != nil {
			return nil, err
		}
		have = size
		large, err := uncached(ctx, f)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{
			what: fmt.Sprintf("uncached decision, %d keys", size), against: fmt.Sprintf("%d keys", fewKeys),
			ours: large, theirs: small, unit: "GetItems", most: 1.25,
		})
	}
	return rows, nil
}

// uncached measures the wall time of uncached decisions in units of a bare
// GetItem of the same moment, which takes out what the machine itself does
// meanwhile.
func uncached(ctx context.Context, f *fixture) ([]float64, error) {
	_, wall, _, err := warm(ctx, 12, [2]side{f.authorizer("0"), f.against("getitem")})
	if err != nil {
		return nil, err
	}
	relative := make([]float64, len(wall[0]))
	for i := range relative {
		relative[i] = wall[0][i] / wall[1][i]
	}
	return relative, nil
}
