package strict_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw/strict"
)

// target has every kind of field that a request can have.
type target struct {
	Name   string   `json:"name" wire:"required"`
	Count  int      `json:"count"`
	Tags   []string `json:"tags" wire:"nullable"`
	Note   *string  `json:"note" wire:"nullable"`
	Inner  inner    `json:"inner"`
	Inners []inner  `json:"inners"`
	Kept   *string  `json:"kept" wire:"set"`
	Shared
}

type inner struct {
	ID string `json:"id" wire:"required"`
}

// Shared is embedded, as the read-only members of a request are.
type Shared struct {
	Old struct{} `json:"old" wire:"ignored"`
}

// All faults of a text are reported at once, each with its place and code.
func TestFaults(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for text, want := range map[string][]string{
		``:                                 {"body MALFORMED_JSON"},
		` `:                                {"body MALFORMED_JSON"},
		`{`:                                {"body MALFORMED_JSON"},
		`{"name":"a"`:                      {"body MALFORMED_JSON"},
		`{"name":"a",}`:                    {"body MALFORMED_JSON"},
		`{'name':"a"}`:                     {"body MALFORMED_JSON"},
		`{"name":"a"}x`:                    {"body MALFORMED_JSON"},
		`{"name":"a"}{}`:                   {"body MALFORMED_JSON"},
		`{"name":"a"} //`:                  {"body MALFORMED_JSON"},
		"{\"name\":\"a\"}\x00":             {"body MALFORMED_JSON"},
		"\ufeff{\"name\":\"a\"}":           {"body MALFORMED_JSON"},
		"{\"name\":\"a\nb\"}":              {"body MALFORMED_JSON"},
		`{"name":"\ud800"}`:                {"body MALFORMED_JSON"},
		`{"name":"a","count":01}`:          {"body MALFORMED_JSON"},
		`{"name":"a","count":NaN}`:         {"body MALFORMED_JSON"},
		"{\"name\":\"\xff\"}":              {"body INVALID_CHARACTERS"},
		`null`:                             {"body WRONG_TYPE"},
		`[]`:                               {"body WRONG_TYPE"},
		`"name"`:                           {"body WRONG_TYPE"},
		`1`:                                {"body WRONG_TYPE"},
		`{"name":"a","name":"a"}`:          {"name DUPLICATE_FIELD"},
		`{"name":"a","n\u0061me":"b"}`:     {"name DUPLICATE_FIELD"},
		`{"inners":[{},{"id":1,"id":2}]}`:  {"inners[1].id DUPLICATE_FIELD"},
		`{"name":"a","old":{"x":1,"x":2}}`: {"old.x DUPLICATE_FIELD"},
		`{"name":"a","old":` + nested(strict.MaxDepth) + `}`: {"body TOO_DEEP"},
		`{"name":"a","x":` + nested(strict.MaxDepth) + `}`:   {"body TOO_DEEP"},
		`{}`:                                            {"name REQUIRED"},
		`{"Name":"a"}`:                                  {"Name UNKNOWN_FIELD", "name REQUIRED"},
		`{"name":"a","x":{"y":[1]},"z":1}`:              {"x UNKNOWN_FIELD", "z UNKNOWN_FIELD"},
		`{"name":null}`:                                 {"name WRONG_TYPE"},
		`{"name":1,"count":"1","tags":"a"}`:             {"name WRONG_TYPE", "count WRONG_TYPE", "tags WRONG_TYPE"},
		`{"name":["a"],"inner":[],"inners":{}}`:         {"name WRONG_TYPE", "inner WRONG_TYPE", "inners WRONG_TYPE"},
		`{"name":"a","count":1.5}`:                      {"count WRONG_TYPE"},
		`{"name":"a","count":1e-1}`:                     {"count WRONG_TYPE"},
		`{"name":"a","count":1e19}`:                     {"count WRONG_TYPE"},
		`{"name":"a","count":1e99999999999999999999}`:   {"count WRONG_TYPE"},
		`{"name":"a","count":-9223372036854775809.0}`:   {"count WRONG_TYPE"},
		`{"name":"a","count":true}`:                     {"count WRONG_TYPE"},
		`{"name":"a","count":9223372036854775808}`:      {"count WRONG_TYPE"},
		`{"name":"a","tags":["a",null,2,"b"]}`:          {"tags[1] WRONG_TYPE", "tags[2] WRONG_TYPE"},
		`{"name":"a","note":1}`:                         {"note WRONG_TYPE"},
		`{"name":"a","kept":null}`:                      {"kept WRONG_TYPE"},
		`{"name":"a","inners":[null]}`:                  {"inners[0] WRONG_TYPE"},
		`{"name":"a","inner":{}}`:                       {"inner.id REQUIRED"},
		`{"name":"a","inners":[{"id":"a"},{"ID":"b"}]}`: {"inners[1].ID UNKNOWN_FIELD", "inners[1].id REQUIRED"},
	} {
		var got []string
		for _, fault := range strict.Decode([]byte(text), new(target)) {
			got = append(got, fmt.Sprint(fault.Field, " ", fault.Code))
			if fault.Detail == "" {
				t.Errorf("%q: %s has no detail", text, fault.Field)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q gave %v, want %v", text, got, want)
		}
	}
}

// Acceptable texts are decoded correctly, including escapes, absence and null.
// Null in a member without a rule for null means absent.
func TestValues(t *testing.T) {
	var full target
	text := ` {"name":"\u0061<\ud83d\ude00","count":-7,"tags":["x","x"],"note":null,"inner":{"id":"i"},` +
		`"inners":[{"id":"j"},{"id":"k"}],"old":{"deep":[[null]]}} ` + "\r\n"
	if faults := strict.Decode([]byte(text), &full); faults != nil {
		t.Fatal(faults)
	}
	if full.Name != "a<😀" || full.Count != -7 || !slices.Equal(full.Tags, []string{"x", "x"}) || full.Inner.ID != "i" ||
		len(full.Inners) != 2 || full.Inners[1].ID != "k" || full.Note == nil || *full.Note != "" {
		t.Errorf("%+v", full)
	}
	var least target
	if faults := strict.Decode([]byte(`{"name":"","tags":null}`), &least); faults != nil || least.Note != nil || least.Tags != nil {
		t.Errorf("%v, %+v", faults, least)
	}
	var absent target
	if faults := strict.Decode([]byte(`{"name":"","count":null,"inner":null,"inners":null}`), &absent); faults != nil || absent.Inners != nil || absent.Count != 0 {
		t.Errorf("%v, %+v", faults, absent)
	}
	var empty target
	if faults := strict.Decode([]byte(`{"name":"","tags":[],"note":"n"}`), &empty); faults != nil || empty.Tags == nil || *empty.Note != "n" {
		t.Errorf("%v, %+v", faults, empty)
	}
}

// Integers are accepted in every JSON notation.
func TestWholeNumbers(t *testing.T) {
	for text, want := range map[string]int{
		"1000.0": 1000, "1e3": 1000, "1E+3": 1000, "1.5e1": 15, "10.50e2": 1050, "120e-1": 12, "-0": 0, "-0.0e99999999999999999999": 0, "0e-5": 0,
		"-1.0": -1, "9223372036854775807": 9223372036854775807, "-9223372036854775808.000": -9223372036854775808, "0.00001e5": 1, "92233720368547758070e-1": 9223372036854775807,
	} {
		var into target
		if faults := strict.Decode([]byte(`{"name":"a","count":`+text+`}`), &into); faults != nil || into.Count != want {
			t.Errorf("%s is read as %d, %v", text, into.Count, faults)
		}
	}
}

// A body of exactly the maximum depth is accepted.
func TestDepthLimit(t *testing.T) {
	n := strict.MaxDepth - 1
	text := `{"name":"a","old":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	if faults := strict.Decode([]byte(text), new(target)); faults != nil {
		t.Error(faults)
	}
}

// A name that the caller made up is truncated in the answer, at a character
// boundary.
func TestMadeUpNamesAreCut(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for _, text := range []string{
		`{"name":"a","` + long + `":1}`,
		`{"name":"a","old":{"` + long + `":1,"` + long + `":2}}`,
	} {
		faults := strict.Decode([]byte(text), new(target))
		if len(faults) != 1 || len(faults[0].Field) > 80 || len(faults[0].Detail) > 200 || strings.ContainsRune(faults[0].Field, '\ufffd') {
			t.Errorf("%d faults, the first %q", len(faults), faults[0].Field)
		}
	}
}
