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

// unreachable returns an environment with unreachable dependencies.
func unreachable() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
		operations.EnvTable: "keyward", operations.EnvUsageTable: "keyward-usage", operations.EnvPepperKey: "key", operations.EnvManagementAPI: "123456789012/abc",
	}
}

// An authorizer with unreachable dependencies still starts in time. It answers a
// well-formed key with a failure: no allowance, and no claim that the key is
// invalid. It refuses a malformed one, which needs no dependency.
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

// New fails for a faulty environment and names every fault.
func TestFaultyEnvironment(t *testing.T) {
	_, err := New(lookup(nil), slog.New(slog.DiscardHandler))
	for _, name := range append([]string{"AWS_REGION"}, operations.EnvTable, operations.EnvPepperKey, operations.EnvManagementAPI) {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

// A deployment's settings are what the parts use: the verifier shortens no
// duration, and the ring's default is the deployment's.
func TestTimesAgree(t *testing.T) {
	if most := time.Duration(operations.CacheTTL.Most) * time.Second; most != verify.MaxCacheTTL {
		t.Errorf("%s may be chosen, but the verifier keeps records for %s", most, verify.MaxCacheTTL)
	}
	if age := time.Duration(operations.PepperMaxAge.Default) * time.Second; age != pepper.DefaultMaxAge {
		t.Errorf("peppers are kept for %s, but the ring's default is %s", age, pepper.DefaultMaxAge)
	}
}

// The table of operations guards Keyward's own API: every route that is not
// public, with its permissions.
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
