package architecture

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// routeTable is the README's table of operations, as the table itself says it:
// a row a route.
func routeTable() string {
	var table strings.Builder
	for _, op := range operations.All {
		row := func(route, permission, status string) {
			fmt.Fprintf(&table, "| [`%s`](functions/%s/main.go) | %s | %s | %s |\n", op.Name, op.Name, route, permission, status)
		}
		for _, route := range op.Routes {
			permission := "any key"
			switch {
			case op.Public:
				permission = "none: public"
			case len(route.Permissions) > 0:
				permission = "`" + strings.Join(route.Permissions, "` or `") + "`"
			}
			row("`"+route.Method+" "+route.Path+"`", permission, fmt.Sprint(route.Status))
		}
		switch {
		case op.Schedule != "":
			row("invoked by itself, `"+op.Schedule+"`", "IAM", "-")
		case op.Direct():
			row("invoked by an operator", "IAM", "-")
		}
	}
	return table.String()
}

// The README's route table is the table of operations.
func TestReadmeRoutes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const head = "| function | route | permission | status |\n|---|---|---|---|\n"
	_, after, found := strings.Cut(string(readme), head)
	if !found {
		t.Fatal("README.md has no route table")
	}
	table, _, _ := strings.Cut(after, "\n\n")
	if want := routeTable(); table+"\n" != want {
		t.Errorf("README.md's route table should be:\n%s", want)
	}
}

// Each operation, and the authorizer, has an entry point of a dozen lines, and
// there is no entry point without an operation.
func TestEntryPoints(t *testing.T) {
	entries, err := os.ReadDir("../../functions")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(operations.All) {
		t.Errorf("%d functions for %d operations", len(entries), len(operations.All))
	}
	for _, op := range operations.All {
		source, err := os.ReadFile("../../functions/" + op.Name + "/main.go")
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(source), `wiring.Operation("`+op.Name+`")`) {
			t.Errorf("functions/%s starts another operation", op.Name)
		}
		if lines := strings.Count(string(source), "\n"); lines > 14 {
			t.Errorf("functions/%s has %d lines", op.Name, lines)
		}
	}
}

// Every function has an event to be invoked with.
func TestEvents(t *testing.T) {
	for _, op := range operations.All {
		if _, err := os.Stat("../../events/" + op.Name + ".json"); err != nil {
			t.Error(err)
		}
	}
}
