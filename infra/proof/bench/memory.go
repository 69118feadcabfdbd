package main

import "context"

// memoryRows compares the peak memory after decisions with many distinct keys,
// which fill the cache, with hello-world's after as many answers.
func memoryRows(ctx context.Context, f *fixture) ([]row, error) {
	if err := f.grow(ctx, manyKeys); err != nil {
		return nil, err
	}
	sides := [2]side{f.authorizer("300"), f.against("hello")}
	peak := func(i *instance, _ side) (float64, error) {
		for n := range manyKeys {
			if _, err := i.invoke(f.event(n)); err != nil {
				return 0, err
			}
		}
		return i.peakMemory() / (1 << 20), nil
	}
	ours, theirs, err := processes(ctx, 3, sides, peak)
	if err != nil {
		return nil, err
	}
	uncounted, again, err := processes(ctx, 1, [2]side{f.uncounted("300"), f.uncounted("300")}, peak)
	return []row{
		{what: "peak memory, 10,000 decisions and keys", against: "hello-world", ours: ours, theirs: theirs, unit: "MB", most: 1.4},
		{what: "peak memory, 10,000 keys counted", against: "the same, not counted", ours: ours, theirs: append(uncounted, again...), unit: "MB"},
	}, err
}
