package conformance

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/infra/proof/conformance/table"
)

// line names the lines of the checklist that a test proves. The table in
// README.md is generated from these calls, so their arguments must be literals.
func line(t *testing.T, ids ...string) {
	t.Helper()
	lines, err := table.Lines("checklist.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		i := slices.IndexFunc(lines, func(l table.Line) bool { return l.ID == id })
		if i < 0 {
			t.Fatalf("%s is no line of the checklist", id)
		}
		t.Attr(lines[i].Document, lines[i].Fact)
	}
}
