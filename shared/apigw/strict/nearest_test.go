package strict

import (
	"fmt"
	"strings"
	"testing"
)

type grant struct {
	Name      string   `json:"name"`
	Enabled   bool     `json:"enabled"`
	ExpiresOn string   `json:"expiresOn"`
	ID        struct{} `json:"id" wire:"ignored"`
	Inner     inner    `json:"inner"`
	A         string   `json:"createdOn"`
	B         string   `json:"permissions"`
	C         string   `json:"description"`
	D         string   `json:"notBefore"`
	E         string   `json:"allowIps"`
	F         string   `json:"policyId"`
}

type inner struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// An unknown field's fault names the field that was probably meant, or all fields if
// they are few. A name that is like none of many is not guessed at.
func TestUnknownFieldsGetASuggestion(t *testing.T) {
	for text, want := range map[string]string{
		`{"disabled":true}`:           "disabled is not a field of this request; names are case-sensitive. Did you mean enabled?",
		`{"expires_on":""}`:           "expires_on is not a field of this request; names are case-sensitive. Did you mean expiresOn?",
		`{"expiresIn":1}`:             "Did you mean expiresOn?",
		`{"Name":""}`:                 "Did you mean name?",
		`{"colour":""}`:               "colour is not a field of this request; names are case-sensitive.",
		`{"identifier":1}`:            "case-sensitive.",
		`{"inner":{"verb":"GET"}}`:    "inner.verb is not a field of this request; names are case-sensitive. The fields are method, path.",
		`{"inner":{"methods":"GET"}}`: "Did you mean method?",
	} {
		faults := Decode([]byte(text), new(grant))
		if len(faults) != 1 || faults[0].Code != Unknown || !strings.HasSuffix(faults[0].Detail, want) {
			t.Errorf("%s: %v, want %s", text, faults, want)
		}
	}
}

// The work for suggestions does not grow with the body: only the first faults have
// one.
func TestSuggestionsAreBounded(t *testing.T) {
	var body strings.Builder
	for i := range 1000 {
		_, _ = fmt.Fprintf(&body, `,"enable%d":1`, i%10+i*10)
	}
	faults := Decode([]byte("{"+body.String()[1:]+"}"), new(grant))
	suggested := 0
	for _, fault := range faults {
		if strings.HasSuffix(fault.Detail, "?") {
			suggested++
		}
	}
	if len(faults) != 1000 || suggested > maxSuggested || suggested == 0 {
		t.Errorf("%d of %d faults have a suggestion", suggested, len(faults))
	}
	if got := nearest([]string{"name"}, strings.Repeat("n", maxMisspelled+1)); got != "" {
		t.Errorf("a long name is taken for %s", got)
	}
}
