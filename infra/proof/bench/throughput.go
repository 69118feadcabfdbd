package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/infra/local/lambda"
)

// slots is how many invocations one process handles at a time in the throughput
// measurement.
const slots = 64

// measured is the name of the function in the local runtime.
const measured = "measured"

// startAtOnce runs a side in one process that answers so many invocations at a time.
func startAtOnce(s side, atOnce int) (*lambda.Runtime, error) {
	binary, err := filepath.Abs(s.binary)
	if err != nil {
		return nil, err
	}
	return lambda.Start(lambda.Options{Functions: []lambda.Function{{
		Name: measured, Binary: binary, Environment: s.environment, Concurrency: atOnce, MaxProcesses: 1,
	}}})
}

// throughput measures the time per invocation, in microseconds, of a process
// that is always fully loaded; its inverse is the rate. Both sides run behind
// the same local runtime.
func throughput(ctx context.Context, samples, each int, sides [2]side) (ours, theirs []float64, err error) {
	var asks [2]func(int) error
	for which, s := range sides {
		running, err := startAtOnce(s, slots)
		if err != nil {
			return nil, nil, err
		}
		defer running.Stop()
		asks[which] = func(n int) error {
			_, err := running.Invoke(ctx, measured, s.event(n))
			return err
		}
		if _, _, _, err := load(slots, s.warmUp, asks[which]); err != nil {
			return nil, nil, err
		}
	}
	return inTurn(samples, func(which int) (float64, error) {
		took, _, _, err := load(slots, each, asks[which])
		return took, err
	})
}

// loopRows compares the authorizer's loop with aws-lambda-go's: with the same
// authorizer, under concurrency, and in the binary's size.
func loopRows(ctx context.Context, f *fixture) ([]row, error) {
	cached := f.authorizer("300")
	stock := cached
	stock.binary = function("stock")
	cpu, wall, err := warm(ctx, 20, [2]side{cached, stock})
	if err != nil {
		return nil, err
	}
	ours, theirs, err := throughput(ctx, 10, 4000, [2]side{cached, f.against("hello")})
	if err != nil {
		return nil, err
	}
	size, sizeOfClients, err := sizes(cached.binary, function("clients"))
	return []row{
		{what: "CPU of a cached decision", against: "the same on aws-lambda-go", ours: cpu[0], theirs: cpu[1], unit: "us", most: 0.5},
		{what: "wall time of a cached decision", against: "the same on aws-lambda-go", ours: wall[0], theirs: wall[1], unit: "us"},
		{what: fmt.Sprintf("time a cached decision, %d at once", slots), against: "hello-world", ours: ours, theirs: theirs, unit: "us", most: 1},
		{what: "binary", against: "the two SDK clients alone", ours: size, theirs: sizeOfClients, unit: "MB", most: 1.2},
	}, err
}

// sizes returns the sizes of two files, in MB.
func sizes(ours, theirs string) (a, b []float64, err error) {
	var size [2]float64
	for i, name := range []string{ours, theirs} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, nil, err
		}
		size[i] = float64(info.Size()) / 1e6
	}
	return size[:1], size[1:], nil
}
