package architecture

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

//go:generate go test -count=1 -run ^TestRouteTable$ . -update

var update = flag.Bool("update", false, "write the route table again")

// routeTable returns the documents' table of operations: one row an operation.
// What several routes of an operation have in common is there once.
func routeTable() string {
	var table strings.Builder
	table.WriteString("| function | route | permission | status |\n|---|---|---|---|\n")
	for _, op := range operations.All() {
		var routes, permissions, statuses []string
		for _, route := range op.Routes {
			routes = append(routes, "`"+route.Method+" "+route.Path+"`")
			permissions = once(permissions, permission(op, route))
			statuses = once(statuses, fmt.Sprint(route.Status))
		}
		switch {
		case op.Schedule != "":
			routes, permissions, statuses = []string{"invoked by itself, `" + op.Schedule + "`"}, []string{"IAM"}, []string{"-"}
		case op.Stream != "":
			routes, permissions, statuses = []string{"invoked by the stream of the " + strings.ReplaceAll(string(op.Stream), "-", " ")}, []string{"IAM"}, []string{"-"}
		case op.Direct():
			routes, permissions, statuses = []string{"invoked by an operator"}, []string{"IAM"}, []string{"-"}
		}
		fmt.Fprintf(&table, "| [`%s`](%s/main.go) | %s | %s | %s |\n", op.Name, op.Name,
			strings.Join(routes, "<br>"), strings.Join(permissions, "<br>"), strings.Join(statuses, "<br>"))
	}
	return table.String()
}

func permission(op operations.Operation, route operations.Route) string {
	switch {
	case op.Public:
		return "none: public"
	case route.Self != "":
		return "any key; for itself `" + route.Self + "`; for others' keys `" + strings.Join(route.Others, "`, `") + "`"
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

// The route table in functions/README.md is the table of operations.
func TestRouteTable(t *testing.T) {
	const file, start, end = "../../functions/README.md", "<!-- routes -->\n", "<!-- /routes -->"
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(document), start)
	table, after, ended := strings.Cut(rest, end)
	want := routeTable()
	switch {
	case !found || !ended:
		t.Fatal("functions/README.md has no place for the route table")
	case *update:
		if err := os.WriteFile(file, []byte(before+start+want+end+after), 0o644); err != nil { //nolint:gosec // a document is for everyone
			t.Fatal(err)
		}
	case table != want:
		t.Errorf("functions/README.md has another route table: run make generate. It should be\n%s", want)
	}
}

// Each operation, and the authorizer, has an entry point of a dozen lines, and
// there is no entry point without an operation.
func TestEntryPoints(t *testing.T) {
	entries, err := filepath.Glob("../../functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(operations.All()) {
		t.Errorf("%d entry points for %d operations", len(entries), len(operations.All()))
	}
	for _, op := range operations.All() {
		source, err := os.ReadFile("../../functions/" + op.Name + "/main.go")
		if err != nil {
			t.Errorf("%s has no entry point: write functions/%s/main.go, like functions/whoami/main.go: %v", op.Name, op.Name, err)
			continue
		}
		starts := `lambda.Start(wiring.Operation("` + op.Name + `"))`
		if op.Often {
			starts = `wiring.Start("` + op.Name + `")`
		}
		if !strings.Contains(string(source), starts) {
			t.Errorf("functions/%s does not call %s", op.Name, starts)
		}
		if lines := strings.Count(string(source), "\n"); lines > 14 {
			t.Errorf("functions/%s has %d lines", op.Name, lines)
		}
	}
}

// Every function has an event to be invoked with.
func TestEvents(t *testing.T) {
	for _, op := range operations.All() {
		if _, err := os.Stat("../../events/" + op.Name + ".json"); err != nil {
			t.Errorf("%s has no event: write events/%s.json, like events/whoami.json; then KEYWARD_RECORD=1 make invoke FN=%s writes its answer: %v", op.Name, op.Name, op.Name, err)
		}
	}
}

// The README is short. Its first screen leads to what a reader does first, and says
// what Keyward is not.
func TestReadmeIsShort(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(readme), "\n")
	if len(lines) > 171 {
		t.Fatalf("README.md has %d lines, more than 170", len(lines)-1)
	}
	screen := strings.Join(lines[:40], "\n")
	for _, target := range []string{
		"**It is not**", "git clone", "make run",
		"(functions/TASKS.md)", "(functions/README.md)", "(authorizer/README.md)", "(infra/README.md)", "(.github/COMPARISON.md)",
	} {
		if !strings.Contains(screen, target) {
			t.Errorf("the first screen of README.md has no %s", target)
		}
	}
	for _, target := range []string{"(infra/RUNBOOK.md)", "(.github/SECURITY.md)", "(functions/guides/README.md)"} {
		if !strings.Contains(string(readme), target) {
			t.Errorf("README.md has no %s", target)
		}
	}
}

// The document of a folder names each of its folders.
func TestDocumentsNameEveryFolder(t *testing.T) {
	for _, folder := range []string{"shared", "authorizer", "infra"} {
		document, err := os.ReadFile("../../" + folder + "/README.md")
		if err != nil {
			t.Fatal(err)
		}
		packages, err := filepath.Glob("../../" + folder + "/*/*.go")
		if err != nil || len(packages) == 0 {
			t.Fatalf("%s: %v, no packages", folder, err)
		}
		for _, file := range packages {
			if name := filepath.Base(filepath.Dir(file)); !strings.Contains(string(document), name+"`") {
				t.Errorf("%s/README.md does not name the folder %s", folder, name)
			}
		}
	}
}
