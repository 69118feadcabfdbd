package actors

import (
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

func config(seed uint64, operations int) Config {
	return Config{
		Seed: seed, Operations: operations, Retries: 1000,
		NewStore: func() apikey.Store { return apikeytest.NewStore() },
		Entropy:  func(seed uint64) io.Reader { return apikeytest.Entropy(seed) },
	}
}

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q: set it to a whole number", variable, text)
	}
	return n
}

func TestActors(t *testing.T) {
	seed := number(t, "KEYWARD_ACTORS_SEED", rand.Uint64())
	operations := number(t, "KEYWARD_ACTORS", 3000)
	began := time.Now()
	var report Report
	var err error
	synctest.Test(t, func(t *testing.T) {
		report, err = Run(t.Context(), config(seed, int(operations)))
	})
	t.Logf("seed %d: %+v in %v", seed, report, time.Since(began))
	for _, kind := range slices.Sorted(maps.Keys(report.Refused)) {
		t.Logf("%-30s %7d done, %7d refused", kind, report.Done[kind], report.Refused[kind])
	}
	if err != nil {
		t.Fatal(err)
	}
}
