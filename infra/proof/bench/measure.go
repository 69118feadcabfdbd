package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// side is one of two programs that are measured alternately.
type side struct {
	binary      string
	environment map[string]string
	// warmUp is how many events to send before measuring.
	warmUp int
	// quiet drops what the program logs.
	quiet bool
	// event returns the n-th event.
	event func(n int) []byte
}

func function(name string) string { return filepath.Join("dist", "bench", name, "bootstrap") }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

func milliseconds(d time.Duration) float64 { return microseconds(d) / 1e3 }

// inTurn takes samples of both sides alternately, so that other load on the
// machine affects both alike.
func inTurn(samples int, sample func(which int) (float64, error)) (ours, theirs []float64, err error) {
	results := [2][]float64{}
	for n := range samples {
		for _, which := range [][2]int{{0, 1}, {1, 0}}[n%2] {
			value, err := sample(which)
			if err != nil {
				return nil, nil, err
			}
			results[which] = append(results[which], value)
		}
	}
	return results[0], results[1], nil
}

// processes takes each sample from a new process.
func processes(ctx context.Context, samples int, sides [2]side, sample func(*instance, side) (float64, error)) (ours, theirs []float64, err error) {
	return inTurn(samples, func(which int) (float64, error) {
		i, err := start(ctx, sides[which])
		if err != nil {
			return 0, err
		}
		defer i.stop()
		return sample(i, sides[which])
	})
}

// startUp measures the time from process start to the first poll of the runtime
// API.
func startUp(i *instance, _ side) (float64, error) {
	took, err := i.firstPoll()
	return milliseconds(took), err
}

// firstAnswer measures the time from process start to the answer to an event
// that is already waiting.
func firstAnswer(i *instance, s side) (float64, error) {
	i.events <- s.event(0)
	at, err := i.wait()
	return milliseconds(at.Sub(i.started)), err
}

// startPrimed starts a process and waits for its first poll.
func startPrimed(ctx context.Context, s side) (*instance, error) {
	i, err := start(ctx, s)
	if err != nil {
		return nil, err
	}
	if _, err := i.firstPoll(); err != nil {
		i.stop()
		return nil, err
	}
	return i, nil
}

// firstDecision compares the first invocation of a primed process with later
// ones of the same process that read as much.
func firstDecision(ctx context.Context, samples int, s side) (first, later []float64, err error) {
	for range samples {
		took, err := invocations(ctx, s, 20)
		if err != nil {
			return nil, nil, err
		}
		first, later = append(first, took[0]), append(later, took[10:]...)
	}
	return first, later, nil
}

// invocations returns the times of the first invocations of a primed process.
func invocations(ctx context.Context, s side, count int) (took []float64, err error) {
	i, err := startPrimed(ctx, s)
	if err != nil {
		return nil, err
	}
	defer i.stop()
	for n := range count {
		time.Sleep(2 * time.Millisecond)
		wall, err := i.invoke(s.event(n))
		if err != nil {
			return nil, err
		}
		took = append(took, milliseconds(wall))
	}
	return took, nil
}

// startWarm starts a process and sends events until it is warm.
func startWarm(ctx context.Context, s side) (*instance, error) {
	i, err := start(ctx, s)
	if err != nil {
		return nil, err
	}
	for n := range s.warmUp {
		if _, err := i.invoke(s.event(n)); err != nil {
			i.stop()
			return nil, fmt.Errorf("warm up: %w", err)
		}
	}
	return i, nil
}

// batch is how many invocations one sample of CPU time covers.
const batch = 250

// warm measures invocations of two warm processes: the CPU time of each, and the
// wall time.
func warm(ctx context.Context, samples int, sides [2]side) (cpu, wall [2][]float64, err error) {
	var running [2]*instance
	next := [2]int{}
	for which, s := range sides {
		if running[which], err = startWarm(ctx, s); err != nil {
			return cpu, wall, err
		}
		defer running[which].stop()
	}
	cpu[0], cpu[1], err = inTurn(samples, func(which int) (float64, error) {
		before, total := running[which].cpu(), time.Duration(0)
		for range batch {
			took, err := running[which].invoke(sides[which].event(next[which]))
			if err != nil {
				return 0, err
			}
			total += took
			next[which]++
		}
		wall[which] = append(wall[which], microseconds(total)/batch)
		return microseconds(running[which].cpu()-before) / batch, nil
	})
	return cpu, wall, err
}
