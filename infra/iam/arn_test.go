package iam

import (
	"regexp"
	"strings"
	"testing"
)

// FuzzWildcard compares the matcher with an equivalent regular expression.
func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{
		{"*", ""}, {"?", "é"}, {"a*b*c", "aXbYbZc"}, {"**", "x"}, {"*a", "aaab"}, {"a?", "a"}, {"", "a"}, {"[a]", "a"}, {`\*`, `\x`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		pattern, text = strings.ToValidUTF8(pattern, "?"), strings.ToValidUTF8(text, "?")
		expression := regexp.QuoteMeta(pattern)
		expression = strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(expression)
		want := regexp.MustCompile(`\A` + expression + `\z`).MatchString(text)
		if got := wildcard(pattern, text); got != want {
			t.Errorf("wildcard(%q, %q) is %v, want %v", pattern, text, got, want)
		}
	})
}
