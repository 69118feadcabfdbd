package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/lambda"
)

// build builds the authorizer with these tags, in the module's folder. The flags
// are those of make build, which has compiled almost all of it.
func build(t *testing.T, tags string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-buildvcs=false", "-tags", tags, "-trimpath", "-ldflags", "-s -w", "-o", binary, "./authorizer")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build -tags %s ./authorizer: %v\n%s", tags, err, output)
	}
	return binary
}

// asked returns events: each sample of the authorizer's with several
// credentials, and invalid ones that no gateway would send.
func asked(t *testing.T, f *fixture) map[string]string {
	t.Helper()
	samples, err := filepath.Glob("events/authorizer-*.json")
	if err != nil || len(samples) < 3 {
		t.Fatalf("%d sample events found, %v", len(samples), err)
	}
	good := f.keys[0].Reveal()
	events := map[string]string{
		"no JSON": "{", "null": "null", "nothing known": `{}`, "a number": "1",
		"300 kB": `{"type":"TOKEN","x":"` + strings.Repeat("x", 300_000) + `"}`,
	}
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		for name, key := range map[string]string{
			"good": good, "mistyped": good[:len(good)-1] + "!", "another's": f.keys[1].Reveal(), "empty": "",
			"unknown": "kw_000SYW7RjpdyvnR2Sntoh50oNtM92yLByyR5aCXhFfhrbRTNbNYeO7sBZCQN0HnoiY",
		} {
			events[filepath.Base(sample)+", "+name] = strings.ReplaceAll(string(text), "KEYWARD_API_KEY", key)
		}
	}
	return events
}

// The authorizer answers every event alike on its own loop and on aws-lambda-go,
// byte for byte and error for error, with one slot and with several. The events
// lead to allowances, denials, refusals and failures.
func TestBothLoopsAnswerTheSame(t *testing.T) {
	t.Chdir("../../..")
	f, err := newFixture(t.Context())
	if f != nil {
		defer f.close()
	}
	if err != nil {
		t.Fatal(err)
	}
	own, stock := build(t, "lambda.norpc"), build(t, "lambda.norpc,keyward_stock")
	for _, concurrency := range []int{1, 8} {
		function := func(name, binary string) lambda.Function {
			return lambda.Function{Name: name, Binary: binary, Environment: f.environment("5"), Concurrency: concurrency}
		}
		r, err := lambda.Start(lambda.Options{Functions: []lambda.Function{function("own", own), function("stock", stock)}})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Stop()
		kinds := map[string]int{}
		for name, event := range asked(t, f) {
			ours, theirs := outcome(t, r, "own", event), outcome(t, r, "stock", event)
			for range 10 { // a failure may be due to the machine
				if ours == theirs || kind(ours) != "failed" && kind(theirs) != "failed" {
					break
				}
				ours, theirs = outcome(t, r, "own", event), outcome(t, r, "stock", event)
			}
			if ours != theirs {
				t.Errorf("%d slots, %s: %s\non aws-lambda-go: %s", concurrency, name, ours, theirs)
			}
			kinds[kind(ours)]++
		}
		if len(kinds) != 4 || kinds["other"] > 0 {
			t.Errorf("the events are answered as %v, want every kind and no other", kinds)
		}
	}
}

// outcome returns a function's answer or error as text.
func outcome(t *testing.T, r *lambda.Runtime, function, event string) string {
	t.Helper()
	answer, err := r.Invoke(t.Context(), function, []byte(event))
	if err != nil {
		return "error " + err.Error()
	}
	return string(answer)
}

func kind(outcome string) string {
	for _, k := range []struct{ part, name string }{
		{"error errorString: Unauthorized", "refused"}, {"error errorString: ", "failed"},
		{`"Allow"`, "allowed"}, {`"isAuthorized":true`, "allowed"},
		{`"Deny"`, "denied"}, {`"isAuthorized":false`, "denied"},
	} {
		if strings.Contains(outcome, k.part) {
			return k.name
		}
	}
	return "other"
}
