package strict_test

import (
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw/strict"
)

// No text makes the decoder panic. What it accepts, the standard library decodes
// to the same values, so no text has two meanings.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"a","count":1,"tags":["x"],"note":null,"inner":{"id":"i"},"inners":[{"id":"j"}],"old":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var got target
		if faults := strict.Decode(text, &got); faults != nil {
			for _, fault := range faults {
				if fault.Field == "" || fault.Code == "" || fault.Detail == "" {
					t.Fatalf("a fault without %+v", fault)
				}
			}
			return
		}
		var want struct {
			Name  string      `json:"name"`
			Count json.Number `json:"count"`
			Tags  []string    `json:"tags"`
			Note  *string     `json:"note"`
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("accepted, but the standard library says %v", err)
		}
		if got.Name != want.Name || !isCount(want.Count, got.Count) || len(got.Tags) != len(want.Tags) {
			t.Fatalf("read as %+v, by the standard library as %+v", got, want)
		}
		if want.Note != nil && (got.Note == nil || *got.Note != *want.Note) {
			t.Fatalf("note read as %v", got.Note)
		}
	})
}

// isCount reports whether a number is that count; an absent one counts as 0. It
// compares rational numbers, unless the exponent is extreme, which only zero can
// have.
func isCount(number json.Number, count int) bool {
	if count == 0 {
		mantissa, _, _ := strings.Cut(strings.ToLower(number.String()), "e")
		return strings.Trim(mantissa, "-0.") == ""
	}
	exact, ok := new(big.Rat).SetString(number.String())
	return ok && exact.Cmp(big.NewRat(int64(count), 1)) == 0
}

// The corpus exists: without one, a fuzz test passes without trying anything.
func TestFuzzCorpusExists(t *testing.T) {
	seeds, err := os.ReadDir("testdata/fuzz/FuzzDecode")
	if err != nil || len(seeds) < 10 {
		t.Errorf("%d seeds, %v", len(seeds), err)
	}
}
