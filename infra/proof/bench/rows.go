package main

import (
	"context"
	"fmt"
	"path/filepath"
)

func (f *fixture) authorizer(cacheTTL string) side {
	return side{
		binary: filepath.Join("dist", "local", "authorizer", "bootstrap"), environment: f.environment(cacheTTL),
		warmUp: 3 * measuredKeys, event: func(n int) []byte { return f.event(n % measuredKeys) },
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
	ours, theirs, err := processes(ctx, 160, [2]side{unprimed, f.against("clients")}, startUp)
	if err != nil {
		return nil, err
	}
	again, hello, err := processes(ctx, 30, [2]side{unprimed, f.against("hello")}, startUp)
	return []row{
		{what: "start to first poll, unprimed", against: "the two SDK clients alone", ours: ours, theirs: theirs, unit: "ms", most: 1.05},
		{what: "start to first poll, unprimed", against: "hello-world", ours: again, theirs: hello, unit: "ms"},
	}, err
}

func firstRows(ctx context.Context, f *fixture) ([]row, error) {
	ours, theirs, err := processes(ctx, 160, [2]side{f.authorizer("5"), f.against("sequential")}, firstAnswer)
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
	cpu, wall, err := warm(ctx, 20, [2]side{f.authorizer("300"), f.against("hello")})
	return []row{
		{what: "CPU of a cached decision", against: "hello-world", ours: cpu[0], theirs: cpu[1], unit: "us", most: 0.5},
		{what: "wall time of a cached decision", against: "hello-world", ours: wall[0], theirs: wall[1], unit: "us", most: 0.7},
	}, err
}

func uncachedRows(ctx context.Context, f *fixture) ([]row, error) {
	cpu, wall, err := warm(ctx, 20, [2]side{f.authorizer("0"), f.against("getitem")})
	return []row{
		{what: "CPU of an uncached decision", against: "bare GetItem", ours: cpu[0], theirs: cpu[1], unit: "us", most: 1.1},
		{what: "wall time of an uncached decision", against: "bare GetItem", ours: wall[0], theirs: wall[1], unit: "us"},
	}, err
}

// growthRows compares uncached decisions on a large table with those on a table
// of few keys.
func growthRows(ctx context.Context, f *fixture) ([]row, error) {
	small, err := uncached(ctx, f)
	if err != nil {
		return nil, err
	}
	few := len(f.keys)
	var rows []row
	for _, size := range []int{manyKeys, 20 * manyKeys} {
		if err := f.grow(ctx, size); err != nil {
			return nil, err
		}
		large, err := uncached(ctx, f)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{
			what: fmt.Sprintf("uncached decision, %d keys", size), against: fmt.Sprintf("%d keys", few),
			ours: large, theirs: small, unit: "GetItems", most: 1.25,
		})
	}
	return rows, nil
}

// uncached measures the wall time of uncached decisions relative to a plain
// GetItem at the same moment, which cancels out other load on the machine.
func uncached(ctx context.Context, f *fixture) ([]float64, error) {
	_, wall, err := warm(ctx, 12, [2]side{f.authorizer("0"), f.against("getitem")})
	if err != nil {
		return nil, err
	}
	relative := make([]float64, len(wall[0]))
	for i := range relative {
		relative[i] = wall[0][i] / wall[1][i]
	}
	return relative, nil
}
