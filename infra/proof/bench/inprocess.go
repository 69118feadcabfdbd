package main

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// inProcessRows compares a cached decision, without the runtime API loop, with
// the same decision in the stock way. Both parse the event, decide and write the
// answer in this process, while nothing else runs in it.
func inProcessRows(ctx context.Context, f *fixture) ([]row, error) {
	a, err := f.inProcess()
	if err != nil {
		return nil, err
	}
	ways := [2]func([]byte) ([]byte, error){
		func(event []byte) ([]byte, error) { return a.Invoke(ctx, event) },
		newStock(f).invoke,
	}
	events := f.events()
	var allocations [2][]float64
	ours, theirs, err := inTurn(20, func(which int) (float64, error) {
		cpu, allocated, err := round(ways[which], events)
		allocations[which] = append(allocations[which], allocated)
		return cpu, err
	})
	// The first round of ours has already read the keys.
	return []row{
		{what: "cached decision in-process", against: "the stock way", ours: ours[1:], theirs: theirs[1:], unit: "us", most: 0.15},
		{what: "allocations of it", against: "the stock way", ours: allocations[0][1:], theirs: allocations[1][1:], unit: "", most: 0.042},
	}, err
}

// round answers each event four times. It returns the CPU time of one answer in
// microseconds, with garbage collection, and its allocations.
func round(answer func([]byte) ([]byte, error), events [][]byte) (cpu, allocations float64, err error) {
	const times = 4
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := processorTime()
	for range times {
		for _, event := range events {
			if text, err := answer(event); err != nil {
				return 0, 0, fmt.Errorf("%s: %w", text, err)
			}
		}
	}
	took := processorTime() - began
	runtime.ReadMemStats(&after)
	n := float64(times * len(events))
	return microseconds(took) / n, float64(after.Mallocs-before.Mallocs) / n, nil
}

// processorTime returns the CPU time of this process so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // cannot fail for this process
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
