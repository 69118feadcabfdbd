package strict_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// A flag is exactly true or false, without lenient forms. What may be one string
// or several is always decoded as a list.
func TestFlagsAndSingleStrings(t *testing.T) {
	type target struct {
		Flag *bool           `json:"flag"`
		List *wire.OneOrMany `json:"list" wire:"nullable"`
	}
	for text, want := range map[string]string{
		`{}`:                  "absent absent",
		`{"flag":true}`:       "true absent",
		`{"flag":false}`:      "false absent",
		`{"flag":null}`:       "absent absent",
		`{"flag":1}`:          "flag WRONG_TYPE",
		`{"flag":"true"}`:     "flag WRONG_TYPE",
		`{"list":"a"}`:        "absent [a]",
		`{"list":""}`:         "absent []",
		`{"list":["a","b"]}`:  "absent [a b]",
		`{"list":[]}`:         "absent []",
		`{"list":null}`:       "absent []",
		`{"list":1}`:          "list WRONG_TYPE",
		`{"list":{}}`:         "list WRONG_TYPE",
		`{"list":["a",null]}`: "list[1] WRONG_TYPE",
		`{"list":[["a"]]}`:    "list[0] WRONG_TYPE",
	} {
		var into target
		got := ""
		if faults := strict.Decode([]byte(text), &into); len(faults) > 0 {
			got = faults[0].Field + " " + string(faults[0].Code)
		} else {
			got = shown(into.Flag) + " " + shown(into.List)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	var one target
	if faults := strict.Decode([]byte(`{"list":""}`), &one); len(faults) > 0 || !slices.Equal(*one.List, []string{""}) {
		t.Errorf("an empty string is read as %q, %v", *one.List, faults)
	}
}

func shown[T any](value *T) string {
	if value == nil {
		return "absent"
	}
	return fmt.Sprint(*value)
}
