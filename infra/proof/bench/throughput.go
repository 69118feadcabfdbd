package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/infra/local/lambda"
)

// slots is how many invocations one process handles at a time in the throughput
// measurement.
const slots = 64

// throughput measures the time per invocation, in microseconds, of a process
// that is always fully loaded; its inverse is the rate. Both sides run behind
// the same local runtime.
func throughput(samples, each int, sides [2]side) (ours, theirs []float64, err error) {
	var running [2]*lambda.Runtime
	for which, s := range sides {
		binary, err := filepath.Abs(s.binary)
		if err != nil {
			return nil, nil, err
		}
		running[which], err = lambda.Start(lambda.Options{Functions: []lambda.Function{{
			Name: "measured", Binary: binary, Environment: s.environment, Concurrency: slots, MaxProcesses: 1,
		}}})
		if err != nil {
			return nil, nil, err
		}
		defer running[which].Stop()
		if _, err := flood(running[which], s, s.warmUp); err != nil {
			return nil, nil, err
		}
	}
	return inTurn(samples, func(which int) (float64, error) { return flood(running[which], sides[which], each) })
}

// flood makes count invocations from as many callers as there are slots.
func flood(r *lambda.Runtime, s side, count int) (float64, error) {
	var callers sync.WaitGroup
	var next atomic.Int64
	failures := make([]error, slots)
	began := time.Now()
	for caller := range slots {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(count) && failures[caller] == nil; n = next.Add(1) {
				_, failures[caller] = r.Invoke(context.Background(), "measured", s.event(int(n)))
			}
		})
	}
	callers.Wait()
	return microseconds(time.Since(began)) / float64(count), errors.Join(failures...)
}

// loopRows compare the authorizer's loop with aws-lambda-go's: with the same
// authorizer, under concurrency, and in the binary's size.
func loopRows(ctx context.Context, f *fixture) ([]row, error) {
	cached := f.authorizer("300")
	stock := cached
	stock.binary = function("stock")
	cpu, wall, err := warm(ctx, 20, [2]side{cached, stock})
	if err != nil {
		return nil, err
	}
	ours, theirs, err := throughput(10, 4000, [2]side{cached, f.against("hello")})
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
