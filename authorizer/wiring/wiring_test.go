package wiring

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// goodText is the text of a key that nobody has.
const goodText = "kw_000SYW7RjpdyvnR2Sntoh50oNtM92yLByyR5aCXhFfhrbRTNbNYeO7sBZCQN0HnoiY"

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

// unreachable is an environment whose dependencies nobody serves.
func unreachable() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
		operations.EnvTable: "keyward", operations.EnvPepperKey: "key", operations.EnvManagementAPI: "123456789012/abc",
	}
}

// An authorizer whose dependencies are out of reach starts all the same, within
// its time, and answers a well-formed key with a failure: no allowance, and no
// word that the key is bad. A malformed one needs nobody, and is refused.
func TestStartsDuringAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		a := on(t, slog.New(slog.NewJSONHandler(&log, nil)), unreachable(), nil)
		began := time.Now()
		a.Prime()
		if took := time.Since(began); took > primeLimit {
			t.Errorf("priming took %s", took)
		}
		for credential, want := range map[string]error{
			"kw_0004EzyPxbeovyMH1e4YKy" + strings.Repeat("0", 44): gateway.ErrUnauthorized,
			goodText: gateway.ErrNoDecision,
		} {
			answer, err := a.Invoke(t.Context(), tokenEvent(credential))
			if !errors.Is(err, want) || answer != nil {
				t.Errorf("%d characters: %s, %v; want %v", len(credential), answer, err, want)
			}
		}
		if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), goodText) {
			t.Error("a secret is in the log")
		}
	})
}

// A faulty environment makes no authorizer, and every fault is named.
func TestFaultyEnvironment(t *testing.T) {
	_, err := New(lookup(nil), slog.New(slog.DiscardHandler))
	for _, name := range append([]string{"AWS_REGION"}, operations.EnvTable, operations.EnvPepperKey, operations.EnvManagementAPI) {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

// What a deployment may choose is what the parts keep to: the verifier cuts no
// time short, and the ring's own default is the deployment's.
func TestTimesAgree(t *testing.T) {
	if most := time.Duration(operations.CacheTTL.Most) * time.Second; most != verify.MaxCacheTTL {
		t.Errorf("%s may be chosen, but the verifier keeps records for %s", most, verify.MaxCacheTTL)
	}
	if age := time.Duration(operations.PepperMaxAge.Default) * time.Second; age != pepper.DefaultMaxAge {
		t.Errorf("peppers are kept for %s, but the ring's default is %s", age, pepper.DefaultMaxAge)
	}
}

// Keyward's own API is guarded by the table of operations: every route that is
// not public, with its permissions.
func TestManagementIsTheTable(t *testing.T) {
	service := management(routing.API{Account: "123456789012", ID: "abc"})
	if service.Org != "" || len(service.APIs) != 1 {
		t.Errorf("service %+v", service)
	}
	guarded := 0
	for _, op := range operations.All() {
		if !op.Public {
			guarded += len(op.Served())
		}
	}
	if guarded == 0 || len(service.Routes) != guarded {
		t.Errorf("%d routes for %d operations", len(service.Routes), guarded)
	}
}
