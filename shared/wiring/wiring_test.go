package wiring

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func complete() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary",
		// Nothing listens there; a function starts all the same.
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
		operations.EnvTable: "keyward", operations.EnvAuditTable: "keyward-audit", operations.EnvPepperKey: "key",
		operations.EnvSecretsTable: "keyward-secrets", operations.EnvUsageTable: "keyward-usage", operations.EnvSecretsKey: "copies", operations.EnvEventBus: "default",
	}
}

// Every operation of the table has a handler, and starts while its dependencies
// are unreachable, within its time limit.
func TestEveryOperationStarts(t *testing.T) {
	for _, op := range operations.All() {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			began := time.Now()
			handler, err := build(op.Name, lookup(complete()), slog.New(slog.NewJSONHandler(&log, nil)))
			if err != nil || handler == nil {
				t.Errorf("%s: %v", op.Name, err)
			}
			if took := time.Since(began); took > primeLimit {
				t.Errorf("%s took %s to start", op.Name, took)
			}
			if strings.Contains(log.String(), "canary") {
				t.Errorf("%s logs a secret", op.Name)
			}
		})
	}
}

// An operation with a faulty environment does not start, and says why.
func TestFaultyEnvironment(t *testing.T) {
	for _, op := range operations.All() {
		_, err := build(op.Name, lookup(nil), slog.New(slog.DiscardHandler))
		if faulty := len(op.Access) > 0; (err != nil) != faulty {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
	if _, err := build("no-such-operation", lookup(complete()), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an unknown operation starts")
	}
}

// A handler has a deadline that leaves time to answer.
func TestHandlersHaveADeadline(t *testing.T) {
	handler := within(time.Minute, func(ctx context.Context, _ string) (time.Duration, error) {
		deadline, _ := ctx.Deadline()
		return time.Until(deadline), nil
	})
	if left, _ := handler(t.Context(), ""); left <= 0 || left > time.Minute {
		t.Errorf("deadline in %s", left)
	}
}
