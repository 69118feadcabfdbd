package gateway

import (
	"encoding/json"
	"slices"
	"testing"
)

// Every value of the header is collected, whatever the case of its name, so
// that more than one is seen as more than one.
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
	} {
		payload, err := json.Marshal(map[string]any{"headers": test.headers, "multiValueHeaders": test.several})
		if err != nil {
			t.Fatal(err)
		}
		var e event
		if err := json.Unmarshal(payload, &e); err != nil {
			t.Fatal(err)
		}
		got := e.authorization()
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Names and values with escapes, white space and values of other kinds between
// them change nothing; what is not an object of strings is an error.
func TestHeadersAsWritten(t *testing.T) {
	for text, want := range map[string][]string{
		`{ "A" : "x" , "\u0041uthorization" : "a\u0062\"c" , "b":null }`:      {`ab"c`},
		`{"A":["}",{"x":"]"}],"B":12,"C":true,"authorization":[ "a" , "b" ]}`: {"a", "b"},
		`{"A":"\\\\","Authorization":"a"}`:                                    {"a"}, `{"A":"\\\"Authorization\":","B":"x"}`: nil,
		`{"Authorization":null}`: nil, `{"Authorization":[]}`: nil, `{}`: nil, ` null `: nil, "{\n}": nil,
		`{"Authorization":"a","Authorization":"b"}`: {"a", "b"},
	} {
		var got headerValues
		if err := json.Unmarshal([]byte(text), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`"Authorization: a"`, `["a"]`, `7`, `{"Authorization":7}`, `{"Authorization":[["a"]]}`, `{"Authorization":{}}`} {
		var got headerValues
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

// FuzzHeaders holds the scan of headers equal to what encoding/json makes of
// them: a header is never missed, and none is seen that is not there.
func FuzzHeaders(f *testing.F) {
	f.Add(`{"Authorization":"a","b":["c"]}`)
	f.Add(`{"x":{"y":["\\\"]}"]},"aUTHORIZATION":["a",null],"z":-1.5e3}`)
	f.Add(`{"\u0061uthorization":"\ud800","n":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		var got headerValues
		var reference map[string]any
		err := json.Unmarshal([]byte(text), &got)
		if json.Unmarshal([]byte(text), &reference) != nil {
			return
		}
		var want []string
		present := false
		for name, value := range reference {
			if !isAuthorization(name) {
				continue
			}
			present = true
			encoded, _ := json.Marshal(value)
			var one string
			var several []string
			switch {
			case value == nil:
			case json.Unmarshal(encoded, &one) == nil:
				want = append(want, one)
			case json.Unmarshal(encoded, &several) == nil:
				want = append(want, several...)
			default:
				return
			}
		}
		if err != nil {
			return // the same name twice, once with a value of another kind
		}
		for _, value := range want {
			if !slices.Contains(got, value) {
				t.Errorf("%s: got %q, which lacks %q", text, got, value)
			}
		}
		if !present && len(got) > 0 {
			t.Errorf("%s: got %q out of nothing", text, got)
		}
	})
}
