package strict_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
)

// colour parses itself from a string.
type colour struct{ name string }

func (c *colour) UnmarshalText(text []byte) error {
	if string(text) != "red" {
		return errors.New("must be red")
	}
	c.name = string(text)
	return nil
}

// pair has members that depend on each other.
type pair struct {
	Left   string   `json:"left" wire:"required"`
	Right  string   `json:"right"`
	Paint  *colour  `json:"paint" wire:"nullable"`
	Paints []colour `json:"paints"`
}

func (p pair) Check() []apikey.FieldError {
	if p.Left == p.Right {
		return []apikey.FieldError{{Field: "right", Code: apikey.FieldConflict, Detail: "right is left."}}
	}
	return nil
}

// A type that parses itself reports its own fault at its place, and null is not
// the empty text. Check runs even if single members have faults, but not if
// there is no object at all.
func TestTextsAndChecks(t *testing.T) {
	for text, want := range map[string][]string{
		`{"left":"l","paint":"red","paints":["red"]}`: nil,
		`{"left":"l","paint":null}`:                   nil,
		`{"left":"l","paint":""}`:                     {"paint INVALID_VALUE paint must be red."},
		`{"left":"l","paint":1}`:                      {"paint WRONG_TYPE paint must be a string."},
		`{"left":"l","paint":{"name":"red"}}`:         {"paint WRONG_TYPE paint must be a string."},
		`{"left":"l","paints":["red",null,"blue"]}`:   {"paints[1] WRONG_TYPE paints[1] must be a string.", "paints[2] INVALID_VALUE paints[2] must be red."},
		`{"left":"x","right":"x"}`:                    {"right CONFLICT right is left."},
		`{}`:                                          {"left REQUIRED left is required.", "right CONFLICT right is left."},
		`[]`:                                          {"body WRONG_TYPE The body must be a JSON object."},
	} {
		var p pair
		var got []string
		for _, fault := range strict.Decode([]byte(text), &p) {
			got = append(got, fault.Field+" "+string(fault.Code)+" "+fault.Detail)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gave %q, want %q", text, got, want)
		}
	}
	var p pair
	if faults := strict.Decode([]byte(`{"left":"l","paint":null}`), &p); faults != nil || p.Paint == nil || *p.Paint != (colour{}) {
		t.Errorf("null gave %v, %v", p.Paint, faults)
	}
	if faults := strict.Decode([]byte(`{"left":"l","paint":"red"}`), &p); faults != nil || p.Paint.name != "red" {
		t.Errorf("%v, %v", p.Paint, faults)
	}
}
