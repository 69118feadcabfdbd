package keytext_test

import (
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/keytext"
)

// rules returns the documented patterns, for a prefix, by scanner. Go's syntax
// is RE2's, in which gitleaks and TruffleHog match. Of what Hyperscan lacks, for
// GitHub, RE2 has only option modifiers, which are no groups.
func rules(t *testing.T, prefix string) map[string]*regexp.Regexp {
	t.Helper()
	document, err := os.ReadFile("../../functions/LEAKS.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(document), "PREFIX", prefix)
	one := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
		if len(found) != 1 {
			t.Fatalf("%d matches of %s", len(found), pattern)
		}
		return strings.ReplaceAll(found[0][1], `\|`, "|")
	}
	gitHub := "(?:" + one("Before secret \\| `([^`]+)`") + ")(" + one("Secret format \\| `([^`]+)`") + ")(?:" + one("After secret \\| `([^`]+)`") + ")"
	if strings.Contains(strings.ReplaceAll(gitHub, "(?:", "("), "(?") {
		t.Errorf("%s has modifiers, which Hyperscan does not take", gitHub)
	}
	patterns := map[string]string{
		"gitleaks":           "(" + one("regex = '''(.+)'''") + ")",
		"TruffleHog":         "(" + one(`key: '(.+)'`) + ")",
		"GitHub":             gitHub,
		"GitHub for partner": "(" + one("```text\n(.+)\n```") + ")",
	}
	compiled := map[string]*regexp.Regexp{}
	for scanner, pattern := range patterns {
		compiled[scanner] = regexp.MustCompile(pattern)
	}
	return compiled
}

// Every documented rule finds every key of the prefix, wherever it stands, and
// exactly its text.
func TestScannersFindKeys(t *testing.T) {
	for _, prefix := range prefixes {
		for scanner, rule := range rules(t, prefix) {
			for range 100 {
				key, err := keytext.Generate(prefix, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				for _, around := range []string{"KEY", "KEY\n", "\nKEY", `"KEY"`, "'KEY'", "key=KEY;", "Bearer KEY", "user:KEY@host", "https://KEY:@host/", "(KEY)", "-KEY-", "<b>KEY</b>"} {
					found := rule.FindStringSubmatch(strings.Replace(around, "KEY", key.Reveal(), 1))
					if found == nil || found[1] != key.Reveal() {
						t.Fatalf("%s does not find %s in %q: %q", scanner, key.Redacted(), around, found)
					}
				}
			}
		}
	}
}

// No documented rule finds what only resembles a key: one that is too short or
// too long, of another prefix, redacted, or with a character that no key has.
// The pattern for GitHub's partner program has no bounds of its own: GitHub
// discards what the answer labels as a false positive.
func TestScannersPassOverOthers(t *testing.T) {
	for _, prefix := range prefixes {
		key, err := keytext.Generate(prefix, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		text := key.Reveal()
		other, err := keytext.Generate("zz9", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		near := []string{
			text[:len(text)-1], text + "0", text + "_", "x" + text, "_" + text, strings.ToUpper(text), key.Redacted(), key.Start(), other.Reveal(),
			text[:len(text)-9] + "-" + text[len(text)-8:], strings.Replace(text, "_", "-", 5), strings.Replace(text, prefix+"_", prefix, 1), prefix + "_" + strings.Repeat("é", 33),
		}
		for scanner, rule := range rules(t, prefix) {
			for _, text := range near {
				if scanner != "GitHub for partner" && rule.MatchString(text) {
					t.Errorf("%s finds %q", scanner, text)
				}
			}
		}
	}
}

// prefixes are some that organizations can have.
var prefixes = []string{"kw", "demo", "acme_live", "a1b2c3d4_e5f6g7h"}
