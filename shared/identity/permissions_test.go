package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/identity"
)

// vectors are texts with their meaning, for readers in any language.
type vectors struct {
	Valid []struct {
		Permissions string
		Has, HasNot []string
	}
	Malformed []string
}

const vectorsFile = "testdata/vectors.json"

func readVectors(t testing.TB) vectors {
	t.Helper()
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil || len(v.Valid) == 0 || len(v.Malformed) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	return v
}

// Both forms are parsed as the vectors say, which other code made. Any other
// form is an error.
func TestVectors(t *testing.T) {
	v := readVectors(t)
	for _, c := range v.Valid {
		held, err := identity.Parse(c.Permissions)
		if err != nil {
			t.Errorf("%.40q: %v", c.Permissions, err)
		}
		for _, name := range c.Has {
			if !held.Has(name) {
				t.Errorf("%.40q does not have %q", c.Permissions, name)
			}
		}
		for _, name := range c.HasNot {
			if held.Has(name) {
				t.Errorf("%.40q has %q", c.Permissions, name)
			}
		}
	}
	// The last one sets bits that belong to no byte.
	for _, text := range append(v.Malformed, "#AAAAAAB") {
		if held, err := identity.Parse(text); !errors.Is(err, identity.ErrContext) || held.Has("A") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// names returns n permissions of the maximum length.
func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%03d%s", i, strings.Repeat("p", 61))
	}
	return all
}

// Appended permissions parse back, for any number of them, and stay within the
// limit. The form changes exactly at MaxPlain.
func TestAppend(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 100, 500} {
		all := names(n)
		text := string(identity.Append([]byte("before "), all))
		text, kept := strings.CutPrefix(text, "before ")
		if !kept || len(text) > identity.MaxText {
			t.Errorf("%d permissions: %d bytes", n, len(text))
		}
		if plain := strings.Join(all, " "); (text == plain) != (len(plain) <= identity.MaxPlain) {
			t.Errorf("%d permissions: %.40s", n, text)
		}
		held, err := identity.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			if !held.Has(name) || held.Has(name[:63]) || held.Has(name+"p") {
				t.Errorf("%d permissions: %s is not told apart", n, name)
			}
		}
	}
	if text := identity.Append(nil, names(500)); len(text) != identity.MaxText {
		t.Errorf("500 permissions take %d bytes, want %d", len(text), identity.MaxText)
	}
	for _, most := range []int{identity.MaxPlain, identity.MaxPlain + 1} {
		all := append(names(15), strings.Repeat("q", most-15*65))
		if identity.IsCompact(all) != (most > identity.MaxPlain) {
			t.Errorf("%d bytes: compact %v", most, identity.IsCompact(all))
		}
	}
}

// Appending plain names allocates nothing.
func TestAppendPlainIsFree(t *testing.T) {
	into, all := make([]byte, 0, identity.MaxPlain), names(15)
	if n := testing.AllocsPerRun(100, func() { _ = identity.Append(into, all) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// No text makes Parse panic. What it accepts is one of the two forms, and holds
// exactly as many permissions as the text.
func FuzzParse(f *testing.F) {
	v := readVectors(f)
	for _, c := range v.Valid {
		f.Add(c.Permissions, "ViewTables")
	}
	for _, text := range v.Malformed {
		f.Add(text, "A")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		held, err := identity.Parse(text)
		compact := strings.HasPrefix(text, "#")
		switch {
		case err != nil && (!errors.Is(err, identity.ErrContext) || held.Has(name)):
			t.Errorf("%q: %v", text, err)
		case err == nil && !compact && held.Has(name) != (text != "" && slices.Contains(strings.Split(text, " "), name)):
			t.Errorf("%q, %q: %v", text, name, held.Has(name))
		case err == nil && compact && strings.ContainsAny(text, " \r\n=+/"):
			t.Errorf("%q was read", text)
		}
	})
}
