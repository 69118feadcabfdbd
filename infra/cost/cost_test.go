package cost

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// The documented table equals the computed one.
func TestTableIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, computed := range []string{Table(), Notices(100_000)} {
		if !strings.Contains(string(text), computed) {
			t.Errorf("infra/README.md says something else than\n%s", computed)
		}
	}
}

// Without caching, the bill equals a calculation by hand from the price lists: a
// million invocations of 10 ms and 0.5 GB, four reads each, and 0.35 GB of log. Each
// key is written every 301 seconds, for 6 units, 2 reads, and an invocation of 20 ms
// and 0.25 GB.
func TestNothingKept(t *testing.T) {
	b := Million(0, 0)
	for name, pair := range map[string][2]float64{
		"invocations": {b.Invocations, 1},
		"reads":       {b.Reads, 4},
		"writes":      {b.Writes, 1 / 301.0},
		"Lambda":      {b.Lambda, 0.20 + 5000*0.0000133334 + (0.20+5000*0.0000133334)/301},
		"DynamoDB":    {b.DynamoDB, 4*0.125 + (6*0.625+2*0.125)/301},
		"logs":        {b.Logs, 0.35*0.50 + 0.35*0.50/301},
		"all":         {b.Total(), 0.2666670 + 0.5 + 0.175 + (0.2666670+4+0.175)/301},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6 {
			t.Errorf("%s: %v, by hand %v", name, pair[0], pair[1])
		}
	}
}

// Longer caching never costs more, and never reduces the cost to zero: each
// cached entry was read once.
func TestKeepingIsCheaper(t *testing.T) {
	last := math.Inf(1)
	for _, ttl := range []float64{0, 1, 5, 60, 300} {
		total, all := Million(0, ttl).Total(), Million(ttl, ttl).Total()
		if total > last || all > total || all <= 0 {
			t.Errorf("%v s: %v, before %v, at the gateway as well %v", ttl, total, last, all)
		}
		last = total
	}
}

// The bill uses the memory size that the authorizer has.
func TestMemory(t *testing.T) {
	for _, f := range plan.Functions() {
		if f.Name == "authorizer" && float64(f.MemoryMB)/1024 != authorizerGB {
			t.Errorf("the authorizer has %d MB", f.MemoryMB)
		}
	}
}
