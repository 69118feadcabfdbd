package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
)

// question is the body of a request to POST /v1/verify.
const question = `{"key":"%s","permission":"ManageApiKeys","source":"192.0.2.1"}`

// verifier returns the function of POST /v1/verify as a side. A key that may do
// nothing else asks about the measured keys.
func (f *fixture) verifier(ctx context.Context, cacheTTL string) (side, error) {
	if f.asker.IsZero() {
		made, err := f.rules.Create(ctx, f.owner, apikey.Draft{Name: "Asker", Permissions: permission.NewSet(permission.VerifyAPIKeys)})
		if err != nil {
			return side{}, err
		}
		f.asker = made.Key.ID
	}
	template, err := questionTemplate(f.asker.String())
	if err != nil {
		return side{}, err
	}
	environment := maps.Clone(f.environment(cacheTTL))
	maps.Copy(environment, plan.Concurrency) // as deployed
	environment["_HANDLER"] = "verify-apikey"
	environment[operations.EnvAuditTable] = f.names.Audit
	return side{
		binary: filepath.Join("dist", "local", "functions", "bootstrap"), environment: environment, warmUp: 3 * measuredKeys, quiet: true,
		event: func(n int) []byte {
			return bytes.ReplaceAll(template, []byte(placeholder), []byte(f.keys[n%measuredKeys].Reveal()))
		},
	}, nil
}

// questionTemplate returns the sample event of the operation, as API Gateway sends
// it, with a question of that key's holder that allows.
func questionTemplate(asker string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join("events", "verify-apikey.json"))
	if err != nil {
		return nil, err
	}
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	event["body"] = fmt.Sprintf(question, placeholder)
	asking, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	named := strings.NewReplacer("KEYWARD_KEY_ID", asker, `"orgId":"demo"`, `"orgId":"bench"`)
	return []byte(named.Replace(string(asking))), nil
}

// verifyRows compares verifications with the floor. The binary is asked through the
// Lambda runtime API, the floor over HTTP.
func verifyRows(ctx context.Context, f *fixture) ([]row, error) {
	cached, err := f.verifier(ctx, "300")
	if err != nil {
		return nil, err
	}
	read, err := f.verifier(ctx, "0")
	if err != nil {
		return nil, err
	}
	cpu, least, err := f.verifyCPU(ctx, cached)
	if err != nil {
		return nil, err
	}
	fromTables, leastAgain, err := f.verifyCPU(ctx, read)
	if err != nil {
		return nil, err
	}
	memory, leastMemory, err := f.verifyMemory(ctx, cached)
	return []row{
		{what: "CPU of a verification, from cached records", against: "net/http with one HMAC", ours: cpu, theirs: least, unit: "us", most: 2},
		{what: "CPU of a verification, from the tables", against: "net/http with one HMAC", ours: fromTables, theirs: leastAgain, unit: "us"},
		{what: fmt.Sprintf("peak memory of %d verifications", memoryOf), against: "net/http with one HMAC", ours: memory, theirs: leastMemory, unit: "MB"},
	}, err
}

// besideFloor starts a side, warm, and the floor, and ends both after the
// measurement.
func (f *fixture) besideFloor(ctx context.Context, s side, measure func(ours *instance, theirs *floor, body []byte) error) error {
	running, err := startWarm(ctx, s)
	if err != nil {
		return err
	}
	defer running.stop()
	least, err := startFloor(ctx, 1)
	if err != nil {
		return err
	}
	defer least.stop()
	return measure(running, least, fmt.Appendf(nil, question, f.keys[0].Reveal()))
}

// verifyCPU returns the CPU time of an invocation of a side, and of a request to the
// floor, in microseconds.
func (f *fixture) verifyCPU(ctx context.Context, s side) (ours, theirs []float64, err error) {
	err = f.besideFloor(ctx, s, func(running *instance, least *floor, body []byte) error {
		n := 0
		ours, theirs, err = inTurn(20, func(which int) (float64, error) {
			process, ask := running, func() error { n++; _, err := running.invoke(s.event(n)); return err }
			if which == 1 {
				process, ask = &least.instance, func() error { return least.ask(body) }
			}
			before := process.cpu()
			for range batch {
				if err := ask(); err != nil {
					return 0, err
				}
			}
			return microseconds(process.cpu()-before) / batch, nil
		})
		return err
	})
	return ours, theirs, err
}

// memoryOf is how many verifications the peak of the memory covers.
const memoryOf = 5000

// verifyMemory returns the peak memory of a side and of the floor, in MB.
func (f *fixture) verifyMemory(ctx context.Context, s side) (ours, theirs []float64, err error) {
	err = f.besideFloor(ctx, s, func(running *instance, least *floor, body []byte) error {
		for n := range memoryOf {
			if _, err := running.invoke(s.event(n)); err != nil {
				return err
			}
			if err := least.ask(body); err != nil {
				return err
			}
		}
		ours, theirs = []float64{running.peakMemory() / (1 << 20)}, []float64{least.peakMemory() / (1 << 20)}
		return nil
	})
	return ours, theirs, err
}
