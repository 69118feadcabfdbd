package architecture

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// routeTable is the README's table of operations, as the table itself says it:
// a row an operation, with what is the same for several routes said once.
func routeTable() string {
	var table strings.Builder
	for _, op := range operations.All {
		var routes, permissions, statuses []string
		for _, route := range op.Routes {
			routes = append(routes, "`"+route.Method+" "+route.Path+"`")
			permissions = once(permissions, permission(op, route))
			statuses = once(statuses, fmt.Sprint(route.Status))
		}
		switch {
		case op.Schedule != "":
			routes, permissions, statuses = []string{"invoked by itself, `" + op.Schedule + "`"}, []string{"IAM"}, []string{"-"}
		case op.Direct():
			routes, permissions, statuses = []string{"invoked by an operator"}, []string{"IAM"}, []string{"-"}
		}
		fmt.Fprintf(&table, "| [`%s`](functions/%s/main.go) | %s | %s | %s |\n", op.Name, op.Name,
			strings.Join(routes, "<br>"), strings.Join(permissions, "<br>"), strings.Join(statuses, "<br>"))
	}
	return table.String()
}

func permission(op operations.Operation, route operations.Route) string {
	switch {
	case op.Public:
		return "none: public"
	case len(route.Others) > 0:
		return "any key; for others' keys `" + strings.Join(route.Others, "`, `") + "`"
	case len(route.Permissions) == 0:
		return "any key"
	default:
		return "`" + strings.Join(route.Permissions, "`, `") + "`"
	}
}

// once appends text unless it is there.
func once(texts []string, text string) []string {
	if slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
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
	if len(entries) != len(operations.All)+1 { // main.go is all of them
		t.Errorf("%d entries for %d operations", len(entries), len(operations.All))
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
