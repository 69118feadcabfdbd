package gateway

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Every value of the header is collected, with the name in any case, so that
// several values are detected.
func TestAuthorizationHeaders(t *testing.T) {
	type single = map[string]string
	type multi = map[string][]string
	for name, test := range map[string]struct {
		headers single
		several multi
		want    []string
	}{
		"none":                    {single{"Accept": "a"}, multi{"Accept": {"a"}}, nil},
		"null":                    {nil, nil, nil},
		"same in both":            {single{"Authorization": "a"}, multi{"Authorization": {"a"}}, []string{"a"}},
		"headers null":            {nil, multi{"Authorization": {"a"}}, []string{"a"}},
		"multi null":              {single{"authorization": "a"}, nil, []string{"a"}},
		"odd case":                {single{"aUTHORIZATION": "a"}, multi{"aUTHORIZATION": {"a"}}, []string{"a"}},
		"two values":              {single{"Authorization": "b"}, multi{"Authorization": {"a", "b"}}, []string{"a", "b"}},
		"one value twice":         {single{"Authorization": "a"}, multi{"Authorization": {"a", "a"}}, []string{"a", "a"}},
		"two spellings":           {nil, multi{"Authorization": {"a"}, "authorization": {"b"}}, []string{"a", "b"}},
		"two spellings, alike":    {nil, multi{"Authorization": {"a"}, "authorization": {"a"}}, []string{"a", "a"}},
		"two spellings, single":   {single{"Authorization": "a", "authorization": "b"}, nil, []string{"a", "b"}},
		"alike, single":           {single{"Authorization": "a", "AUTHORIZATION": "a"}, nil, []string{"a", "a"}},
		"both forms, contrary":    {single{"Authorization": "b"}, multi{"Authorization": {"a"}}, []string{"a", "b"}},
		"empty":                   {single{"Authorization": ""}, multi{"Authorization": {""}}, []string{""}},
		"longer name":             {single{"X-Authorization": "a", "Proxy-Authorization": "b"}, nil, nil},
		"letters of other script": {single{"Authori\u017fation": "a"}, nil, nil},
		"too long to look at":     {single{"Authorization": strings.Repeat("a", maxValue+1)}, nil, []string{""}},
		"as long as can be":       {single{"Authorization": strings.Repeat("a", maxValue)}, nil, []string{strings.Repeat("a", maxValue)}},
	} {
		payload, err := json.Marshal(map[string]any{"headers": test.headers, "multiValueHeaders": test.several})
		if err != nil {
			t.Fatal(err)
		}
		var e event
		if !e.decode(payload) {
			t.Fatalf("%s: %s was not read", name, payload)
		}
		got := e.authorization()
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Escapes in names and values, white space and other members change nothing.
// Headers that are not an object of strings make the event invalid.
func TestHeadersAsWritten(t *testing.T) {
	for text, want := range map[string][]string{
		`{ "A" : "x" , "\u0041uthorization" : "a\u0062\"c" , "b":null }`:      {`ab"c`},
		`{"A":["}",{"x":"]"}],"B":12,"C":true,"authorization":[ "a" , "b" ]}`: {"a", "b"},
		`{"A":"\\\\","Authorization":"a"}`:                                    {"a"}, `{"A":"\\\"Authorization\":","B":"x"}`: nil,
		`{"Authorization":null}`: nil, `{"Authorization":[]}`: nil, `{}`: nil, ` null `: nil, "{\n}": nil,
		`{"Authorization":"a","Authorization":"b"}`: {"a", "b"}, `{"Authorization":["a",null]}`: {"a", ""},
	} {
		var e event
		if ok := e.decode([]byte(`{"headers":` + text + `}`)); !ok || !slices.Equal(e.authorization(), want) {
			t.Errorf("%s: got %q, %t, want %q", text, e.headers, ok, want)
		}
	}
	for _, text := range []string{
		`"Authorization: a"`, `["a"]`, `7`, `{"Authorization":7}`, `{"Authorization":[["a"]]}`, `{"Authorization":{}}`,
		`{"Authorization":"a"},"headers":{"Authorization":"b"}`, `{"Authorization":"a"},"headers":null`,
	} {
		var e event
		if e.decode([]byte(`{"headers":` + text + `}`)) {
			t.Errorf("%s: got %q", text, e.headers)
		}
	}
}
