//go:build !race

package wiring

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// cached returns the whole authorizer, as in Lambda, and a REST API's REQUEST
// event of 3 kB with an OWNER's key. Everything that the event needs is cached.
// The race detector's build does not pool buffers.
func cached(t testing.TB) (a *Authorizer, event []byte) {
	t.Helper()
	values, key := deployment(t)
	values[operations.EnvManagementAPI], values[operations.EnvCacheTTL] = "123456789012/keyward", "300"
	a, err := New(lookup(values), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	a.Prime()
	text, err := os.ReadFile("../../events/authorizer-rest-request.json")
	if err != nil {
		t.Fatal(err)
	}
	padded := strings.Replace(string(text), `"Host": "`, `"Cookie": "`+strings.Repeat("c", 600)+`", "Host": "`, 1)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(strings.ReplaceAll(padded, "KEYWARD_API_KEY", key))); err != nil {
		t.Fatal(err)
	}
	if size := compact.Len(); size < 3000 || size > 3400 {
		t.Fatalf("the event has %d bytes", size)
	}
	if answer, err := a.Invoke(t.Context(), compact.Bytes()); err != nil || !bytes.Contains(answer, []byte(`"Allow"`)) {
		t.Fatalf("%s, %v", answer, err)
	}
	return a, compact.Bytes()
}

// A cached decision takes at most eight allocations, from the event to the
// answer, including its metrics.
func TestCachedDecisionAllocations(t *testing.T) {
	a, event := cached(t)
	if got := testing.AllocsPerRun(1000, func() {
		if _, err := a.Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}); got > 8 {
		t.Errorf("%v allocations", got)
	}
}

// BenchmarkCachedDecision measures the same decision.
func BenchmarkCachedDecision(b *testing.B) {
	a, event := cached(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Invoke(b.Context(), event); err != nil {
			b.Fatal(err)
		}
	}
}
