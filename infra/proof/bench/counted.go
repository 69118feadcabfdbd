package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/authorizer/usage"
	"github.com/keyward/keyward/authorizer/wiring"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

func (f *fixture) uncounted(cacheTTL string) side {
	s := f.authorizer(cacheTTL)
	s.binary = function("uncounted")
	return s
}

// countedRows compares cached decisions whose uses are counted with those of the
// same authorizer that counts nothing: in the real binary, where the next event
// waits for whatever follows an answer, and in this process. The wall time between
// processes has no limit: on a busy machine, its tail is the scheduler's.
func countedRows(ctx context.Context, f *fixture) ([]row, error) {
	cpu, tail, err := tails(ctx, [2]side{f.authorizer("300"), f.uncounted("300")})
	if err != nil {
		return nil, err
	}
	a, err := f.inProcess()
	if err != nil {
		return nil, err
	}
	inCPU, inTail, err := countedInTurn(a.Handler, func(event []byte) ([]byte, error) { return a.Invoke(ctx, event) }, f.events())
	return []row{
		{what: "CPU of a cached decision, its use counted", against: "the same, not counted", ours: cpu[0], theirs: cpu[1], unit: "us", most: 1.05},
		{what: "p99 of its wall time", against: "the same, not counted", ours: tail[0], theirs: tail[1], unit: "us"},
		{what: "cached decision in-process, its use counted", against: "the same, not counted", ours: inCPU[0], theirs: inCPU[1], unit: "us", most: 1.05},
		{what: "p99 of it", against: "the same, not counted", ours: inTail[0], theirs: inTail[1], unit: "us", most: 1.05},
	}, err
}

const (
	// pairs is how many pairs of processes are compared: where a process's memory
	// and threads happen to lie changes its times by more than what is looked for.
	pairs = 16
	// samplesOfPair is how many samples each pair gives, each of which covers
	// eventsOfSample invocations of both.
	samplesOfPair, eventsOfSample = 8, 500
)

// tails measures invocations of warm processes, one of each side in turn, so that
// other load on the machine meets both alike: the CPU time of each, and the 99th
// percentile of the time from the event to the answer.
func tails(ctx context.Context, sides [2]side) (cpu, tail [2][]float64, err error) {
	for range pairs {
		var pair [2]*instance
		for which, s := range sides {
			if pair[which], err = startWarm(ctx, s); err != nil {
				break
			}
		}
		for n := 0; n < samplesOfPair && err == nil; n++ {
			err = sampleOfPair(pair, sides, n, &cpu, &tail)
		}
		for _, i := range pair {
			if i != nil {
				i.stop()
			}
		}
		if err != nil {
			return cpu, tail, err
		}
	}
	return cpu, tail, nil
}

func sampleOfPair(pair [2]*instance, sides [2]side, sample int, cpu, tail *[2][]float64) error {
	var took [2][]float64
	before := [2]time.Duration{pair[0].cpu(), pair[1].cpu()}
	for n := range eventsOfSample {
		for _, which := range [][2]int{{0, 1}, {1, 0}}[n%2] {
			wall, err := pair[which].invoke(sides[which].event(sample*eventsOfSample + n))
			if err != nil {
				return err
			}
			took[which] = append(took[which], microseconds(wall))
		}
	}
	for which := range pair {
		slices.Sort(took[which])
		tail[which] = append(tail[which], took[which][eventsOfSample*99/100])
		cpu[which] = append(cpu[which], microseconds(pair[which].cpu()-before[which])/eventsOfSample)
	}
	return nil
}

// inProcess returns the authorizer in this process.
func (f *fixture) inProcess() (*wiring.Authorizer, error) {
	values := f.environment("300")
	a, err := wiring.New(func(name string) (string, bool) {
		if value, ok := values[name]; ok {
			return value, true
		}
		value, ok := lambdaSets[name]
		return value, ok
	}, slog.New(slog.DiscardHandler))
	if err == nil {
		a.Prime()
	}
	return a, err
}

// events returns a request with each of the measured keys.
func (f *fixture) events() [][]byte {
	events := make([][]byte, measuredKeys)
	for n := range events {
		events[n] = f.event(n)
	}
	return events
}

// countedInTurn measures decisions of a handler whose uses are counted, and not:
// the CPU time of each, and the 99th percentile of their times.
func countedInTurn(h *gateway.Handler, invoke func([]byte) ([]byte, error), events [][]byte) (cpu, tail [2][]float64, err error) {
	counters := [2]*usage.Counter{h.Uses, nil}
	if _, _, err := round(invoke, events); err != nil { // reads the keys
		return cpu, tail, err
	}
	cpu[0], cpu[1], err = inTurn(300, func(which int) (float64, error) {
		h.Uses = counters[which]
		late, err := percentile99(invoke, events)
		if err != nil {
			return 0, err
		}
		tail[which] = append(tail[which], late)
		spent, _, err := round(invoke, events)
		return spent, err
	})
	return cpu, tail, err
}

// percentile99 answers each event four times. It returns the 99th percentile of
// the time to an answer, in microseconds.
func percentile99(answer func([]byte) ([]byte, error), events [][]byte) (float64, error) {
	var took []float64
	for range 4 {
		for _, event := range events {
			began := time.Now()
			if text, err := answer(event); err != nil {
				return 0, fmt.Errorf("%s: %w", text, err)
			}
			took = append(took, microseconds(time.Since(began)))
		}
	}
	slices.Sort(took)
	return took[len(took)*99/100], nil
}

// usageInterval is the minimum time between two writes of a key in a deployment.
var usageInterval = time.Duration(operations.UsageInterval.Default) * time.Second

// writtenRows counts how often a process writes what keys were used for, while it
// makes a million decisions on a clock of its own.
func writtenRows(ctx context.Context, _ *fixture) (rows []row, err error) {
	for _, traffic := range []struct {
		what      string
		keys      int
		perSecond float64
	}{
		{"1 key, 100 times a second", 1, 100},
		{"100 keys, once a second each", 100, 1},
		{"10,000 keys, once a minute each", 10_000, 1.0 / 60},
	} {
		intervals := 1e6 / (float64(traffic.keys) * traffic.perSecond) / usageInterval.Seconds()
		rows = append(rows, row{
			what: "writes of uses, a million decisions", against: traffic.what + ", one each 5 minutes", unit: "writes", most: 1,
			ours: []float64{float64(writesAMillion(ctx, traffic.keys, traffic.perSecond))}, theirs: []float64{float64(traffic.keys) * (1 + math.Floor(intervals))},
		})
	}
	return rows, nil
}

// adder counts writes.
type adder struct{ written atomic.Int64 }

func (a *adder) AddUses(context.Context, apikey.Uses) error {
	a.written.Add(1)
	return nil
}

// writesAMillion returns how often one process writes while it makes a million
// decisions about keys in turn, at a rate of each key.
func writesAMillion(ctx context.Context, keys int, perSecond float64) int64 {
	now, written := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), new(adder)
	step := time.Duration(float64(time.Second) / (perSecond * float64(keys)))
	counter := usage.New(usage.Config{Adder: written, Region: "r", Interval: usageInterval, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	for n := range 1_000_000 {
		k := n % keys
		use := verify.Use{Key: uuid.UUID{1, byte(k >> 16), byte(k >> 8), byte(k)}, Org: "bench", Generation: 1, Permission: "View"}
		counter.Count(use, verify.Allowed, "", netip.Addr{}, now)
		counter.Write(ctx)
		now = now.Add(step)
	}
	return written.written.Load()
}
