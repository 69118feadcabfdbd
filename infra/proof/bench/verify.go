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

	"github.com/keyward/keyward/shared/operations"
)

// question is the body of a request to POST /v1/verify.
const question = `{"key":"%s","permission":"ManageApiKeys","source":"192.0.2.1"}`

// verifier returns the function of POST /v1/verify as a side, which asks about the
// measured keys as the first of them.
func (f *fixture) verifier(cacheTTL string) (side, error) {
	template, err := f.questionTemplate()
	if err != nil {
		return side{}, err
	}
	environment := maps.Clone(f.environment(cacheTTL))
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
// it, with a question that allows.
func (f *fixture) questionTemplate() ([]byte, error) {
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
	named := strings.NewReplacer("KEYWARD_KEY_ID", f.owner.Key.String(), `"orgId":"demo"`, `"orgId":"bench"`)
	return []byte(named.Replace(string(asking))), nil
}

func verifyRows(ctx context.Context, f *fixture) ([]row, error) {
	kept, err := f.verifier("300")
	if err != nil {
		return nil, err
	}
	read, err := f.verifier("0")
	if err != nil {
		return nil, err
	}
	cpu, wall, err := warm(ctx, 20, [2]side{kept, f.against("hello")})
	if err != nil {
		return nil, err
	}
	cpu2, _, err := warm(ctx, 10, [2]side{read, f.against("hello")})
	return []row{
		{what: "CPU of a verification, kept", against: "hello-world", ours: cpu[0], theirs: cpu[1], unit: "us"},
		{what: "wall of a verification, kept", against: "hello-world", ours: wall[0], theirs: wall[1], unit: "us"},
		{what: "CPU of a verification, read", against: "hello-world", ours: cpu2[0], theirs: cpu2[1], unit: "us"},
	}, err
}
