package iam

import (
	"encoding/json"
	"strings"
	"testing"
)

// read returns the policy of one statement, in JSON.
func read(t *testing.T, statement string) (Policy, error) {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(`{"Version": "2012-10-17", "Statement": `+statement+`}`), &document); err != nil {
		t.Fatal(err)
	}
	return Read(document)
}

// known returns a context with one key.
func known(key string, values ...string) map[string][]string {
	return map[string][]string{key: values}
}

// A policy allows a request if a statement allows it, with all its conditions,
// and none denies it, as AWS documents.
func TestAllows(t *testing.T) {
	const leading = `"Condition": {"ForAllValues:StringLike": {"k": ["A#*", "B"]}, "Null": {"k": "false"}}`
	for _, c := range []struct {
		statement string
		request   Request
		want      bool
	}{
		{`{"Effect": "Allow", "Action": "s:Get", "Resource": "r"}`, Request{"s:Get", "r", nil}, true},
		{`{"Effect": "Allow", "Action": "s:Get", "Resource": "r"}`, Request{"S:GET", "r", nil}, true},
		{`{"Effect": "Allow", "Action": "s:Get", "Resource": "r"}`, Request{"s:Get", "R", nil}, false},
		{`{"Effect": "Allow", "Action": "s:Get", "Resource": "r"}`, Request{"s:GetAll", "r", nil}, false},
		{`{"Effect": "Allow", "Action": "s:Get", "Resource": "r"}`, Request{"s:Get", "r/x", nil}, false},
		{`{"Effect": "Allow", "Action": ["s:Put", "s:G?t*"], "Resource": ["q", "*/x"]}`, Request{"s:GetAll", "r/x", nil}, true},
		{`[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s:Put", "Resource": "*"}]`, Request{"s:Put", "r", nil}, false},
		{`[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s:Put", "Resource": "*"}]`, Request{"s:Get", "r", nil}, true},
		{`[{"Effect": "Deny", "Action": "s:Put", "Resource": "*"}]`, Request{"s:Get", "r", nil}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": {"k": "v"}}}`, Request{"a", "r", known("k", "v")}, true},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": {"k": ["u", "v"]}}}`, Request{"a", "r", known("k", "v")}, true},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": {"k": "*"}}}`, Request{"a", "r", known("k", "v")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": {"k": "v"}}}`, Request{"a", "r", known("l", "v")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": {"k": "v", "l": "w"}}}`, Request{"a", "r", known("k", "v")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", ` + leading + `}`, Request{"a", "r", known("k", "A#1", "B")}, true},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", ` + leading + `}`, Request{"a", "r", known("k", "A#1", "C")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", ` + leading + `}`, Request{"a", "r", known("k", "BB")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", ` + leading + `}`, Request{"a", "r", nil}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAnyValue:StringEquals": {"k": ["u", "v"]}}}`, Request{"a", "r", known("k", "w", "v")}, true},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAnyValue:StringEquals": {"k": ["u", "v"]}}}`, Request{"a", "r", known("k", "w")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAnyValue:StringEquals": {"k": "v"}}}`, Request{"a", "r", nil}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringEquals": {"k": ["u", "v"]}}}`, Request{"a", "r", known("k", "v", "u")}, true},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringEquals": {"k": ["u", "v"]}}}`, Request{"a", "r", known("k", "v", "w")}, false},
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringEquals": {"k": "v"}}}`, Request{"a", "r", nil}, true},
		// Two statements for one value each do not allow a request with both values.
		{`[{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringLike": {"k": "A#*"}}},
		   {"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringLike": {"k": "B"}}}]`, Request{"a", "r", known("k", "A#1", "B")}, false},
		// This is why Null accompanies it.
		{`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAllValues:StringLike": {"k": "A#*"}}}`, Request{"a", "r", nil}, true},
	} {
		policy, err := read(t, c.statement)
		if err != nil {
			t.Errorf("%s: %v", c.statement, err)
		}
		if got := policy.Allows(c.request); got != c.want {
			t.Errorf("%s allows %+v: %v", c.statement, c.request, got)
		}
	}
}

// An unsupported element is an error; nothing is skipped.
func TestReadRefuses(t *testing.T) {
	for _, statement := range []string{
		`"Allow"`, `{"Action": "a", "Resource": "r"}`, `{"Effect": "allow", "Action": "a", "Resource": "r"}`,
		`{"Effect": "Allow", "Resource": "r"}`, `{"Effect": "Allow", "Action": [], "Resource": "r"}`, `{"Effect": "Allow", "Action": "a"}`,
		`{"Effect": "Allow", "NotAction": "a", "Resource": "r"}`, `{"Effect": "Allow", "Action": "a", "NotResource": "r"}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Principal": "*"}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {}}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": "k"}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringLike": {"k": "v"}}}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"ForAnyValue:StringLike": {"k": "v"}}}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEqualsIfExists": {"k": "v"}}}`,
		`{"Effect": "Allow", "Action": "a", "Resource": "r", "Condition": {"StringEquals": "v"}}`,
	} {
		if policy, err := read(t, statement); err == nil {
			t.Errorf("%s was read as %+v", statement, policy)
		}
	}
	for _, document := range []any{nil, "policy", map[string]any{"Statement": []any{}}, map[string]any{"Version": "2008-10-17"},
		map[string]any{"Version": "2012-10-17", "Principal": "x"}} {
		if policy, err := Read(document); err == nil {
			t.Errorf("%v was read as %+v", document, policy)
		}
	}
}

// A condition that cannot be evaluated does not hold.
func TestUnknownOperator(t *testing.T) {
	if (Conditions{"DateLessThan": {"k": {"v"}}}).Hold(known("k", "v")) {
		t.Error("it holds")
	}
}

// Patterns match whole texts, * any characters and ? exactly one.
func TestWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"?", "", false}, {"a*c", "abbc", true},
		{"a*c", "ab", false}, {"a*b*c", "a-b-b-c", true}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"KEY#*", "KEY#", true},
		{"KEY#*", "MONKEY#1", false}, {"KEY#*", "KEY", false}, {"A.B", "AxB", false}, {strings.Repeat("a", 99) + "*", strings.Repeat("a", 99), true},
	} {
		if got := wildcard(c.pattern, c.text); got != c.want {
			t.Errorf("%q like %q: %v", c.text, c.pattern, got)
		}
	}
}
