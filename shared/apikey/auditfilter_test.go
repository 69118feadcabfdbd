package apikey

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// Actions lists every action once.
func TestActions(t *testing.T) {
	source, err := os.ReadFile("audit.go")
	if err != nil {
		t.Fatal(err)
	}
	var written []Action
	for _, match := range regexp.MustCompile(`Action += "([a-z._]+)"`).FindAllStringSubmatch(string(source), -1) {
		written = append(written, Action(match[1]))
	}
	listed := slices.Clone(Actions)
	slices.Sort(written)
	slices.Sort(listed)
	if len(written) == 0 || !slices.Equal(written, listed) {
		t.Errorf("%v are listed, and there are %v", listed, written)
	}
}

// Everything that audit records can have as a target is accepted, in the form
// in which they hold it.
func TestAuditTarget(t *testing.T) {
	for text, want := range map[string]string{
		"AAAAAAAA-2222-4333-8444-555555555555": "aaaaaaaa-2222-4333-8444-555555555555",
		"files":                                "files", "demo-2": "demo-2", "1": "1", "ViewTables": "ViewTables", "A.b,C:d-e_f": "A.b,C:d-e_f",
		"": "", ",": "", "a,": "", "owner@example.com": "", "a b": "", "É": "", "name\n": "",
	} {
		if got, ok := AuditTarget(text); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %t, want %q", text, got, ok, want)
		}
	}
}
