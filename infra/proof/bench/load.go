package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

const (
	// loads is how many samples each side of a comparison under load gives.
	loads = 6
	// loaded is how many requests one sample covers.
	loaded = 600
)

// loadRows compares verifications that many callers ask for at once with the floor:
// of the binary alone, behind Lambda's runtime API, and through the local gateway,
// which runs the authorizer first.
func loadRows(ctx context.Context, f *fixture) ([]row, error) {
	var rows []row
	for _, atOnce := range []int{1, 8, 32} {
		binary, stop, err := f.verifyBinary(ctx, atOnce)
		if err != nil {
			return nil, err
		}
		more, err := f.underLoad(ctx, "the function", atOnce, binary)
		stop()
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
		through, stop, err := verifyGateway(ctx, atOnce)
		if err != nil {
			return nil, err
		}
		more, err = f.underLoad(ctx, "through the local gateway", atOnce, through)
		stop()
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// verifyBinary runs the function in one process that answers so many at a time.
func (f *fixture) verifyBinary(ctx context.Context, atOnce int) (ask func(n int) error, stop func(), err error) {
	s, err := f.verifier(ctx, "300")
	if err != nil {
		return nil, nil, err
	}
	running, err := startAtOnce(s, atOnce)
	if err != nil {
		return nil, nil, err
	}
	return func(n int) error {
		answer, err := running.Invoke(ctx, measured, s.event(n))
		if err == nil && !strings.Contains(string(answer), `\"valid\":true`) {
			err = fmt.Errorf("the function answers %s", answer)
		}
		return err
	}, running.Stop, nil
}

// verifyGateway runs the whole stack, whose authorizer and function answer so many
// at a time in one process each.
func verifyGateway(ctx context.Context, atOnce int) (ask func(n int) error, stop func(), err error) {
	s, err := stack.Start(ctx, stack.Options{
		Concurrency: atOnce, Progress: os.Stderr, Environment: map[string]string{operations.EnvCacheTTL: "300"},
	})
	if err != nil {
		return nil, nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	body := `{"key":"` + s.AdminKey + `","source":"192.0.2.1"}`
	return func(int) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/verify", strings.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+s.AdminKey)
		request.Header.Set("Content-Type", "application/json")
		return finish(client.Do(request))
	}, s.Stop, nil
}

// underLoad compares requests with as many to the floor.
func (f *fixture) underLoad(ctx context.Context, what string, atOnce int, ask func(n int) error) ([]row, error) {
	least, err := startFloor(ctx, atOnce)
	if err != nil {
		return nil, err
	}
	defer least.stop()
	body := fmt.Appendf(nil, question, f.keys[0].Reveal())
	asks := [2]func(int) error{ask, func(int) error { return least.ask(body) }}
	for _, warmUp := range asks {
		if _, _, _, err := load(atOnce, loaded, warmUp); err != nil {
			return nil, err
		}
	}
	var halves, tails [2][]float64
	ours, theirs, err := inTurn(loads, func(which int) (float64, error) {
		each, half, tail, err := load(atOnce, loaded, asks[which])
		halves[which], tails[which] = append(halves[which], half), append(tails[which], tail)
		return each, err
	})
	about := fmt.Sprintf("a verification, %d at once, %s", atOnce, what)
	return []row{
		{what: "time a request: " + about, against: "net/http with one HMAC", ours: ours, theirs: theirs, unit: "us"},
		{what: "p50", against: "the same", ours: halves[0], theirs: halves[1], unit: "us"},
		{what: "p99", against: "the same", ours: tails[0], theirs: tails[1], unit: "us"},
	}, err
}

// load sends count requests from so many callers at once. It returns the time that
// passed a request, whose inverse is the rate, and the median and 99th percentile of
// the time to an answer, in microseconds.
func load(atOnce, count int, ask func(n int) error) (each, half, tail float64, err error) {
	var callers sync.WaitGroup
	var next atomic.Int64
	failures, took := make([]error, atOnce), make([]float64, count)
	began := time.Now()
	for caller := range atOnce {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(count) && failures[caller] == nil; n = next.Add(1) {
				sent := time.Now()
				failures[caller] = ask(int(n))
				took[n-1] = microseconds(time.Since(sent))
			}
		})
	}
	callers.Wait()
	each = microseconds(time.Since(began)) / float64(count)
	slices.Sort(took)
	return each, took[count/2], took[count*99/100], errors.Join(failures...)
}
