package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// timed are the calls whose outcome can depend on the machine's speed.
var timed = []string{
	"time.Sleep", "time.After", "time.AfterFunc", "time.NewTimer", "time.NewTicker", "time.Tick", "time.Since",
	"context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause",
}

// mayTime are the tests that call them outside of a bubble, and why a slow machine
// does no harm there.
var mayTime = map[string]string{
	"infra/proof/conformance/cascade_test.go": "what is asked after the caches' bound has passed is refused; later is no worse",
	"infra/proof/conformance/main_test.go":    "what is asked after the caches' bound has passed has the new status; later is no worse",
	"infra/proof/e2e/outage_test.go":          "what is asked after the caches' bound has passed is refused; later is no worse",
	"shared/dynamo/home_test.go":              "processes end at random moments, of which none is the right one",
}

// No test depends on the machine's speed: it waits for a condition (package
// await), or time is that of a bubble (testing/synctest).
func TestTestsTakeTheirTime(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
		for _, call := range timedCalls(t, path) {
			if used[name] = true; mayTime[name] == "" {
				t.Errorf("%s: a slow machine may change what follows: wait with package await, or in a bubble of testing/synctest", call)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(mayTime)) {
		if !used[name] {
			t.Errorf("%s is excepted, and need not be", name)
		}
	}
}

// The test above is able to fail.
func TestTimedCallsAreFound(t *testing.T) {
	for body, want := range map[string]int{
		`import "time"; func f() { time.Sleep(time.Minute); <-time.After(1) }`:                   2,
		`import "context"; func f() { _, _ = context.WithTimeout(nil, time.Minute) }`:            1,
		`import "context"; func f() { _, _ = context.WithTimeout(nil, await.Limit) }`:            0,
		`import ("testing/synctest"; "time"); func f() { synctest.Wait(); time.Sleep(1) }`:       0,
		`import "time"; func f() { _ = time.Now(); _ = time.Until(time.Time{}); time.Second() }`: 0,
	} {
		file := filepath.Join(t.TempDir(), "a_test.go")
		if err := os.WriteFile(file, []byte("package a; "+body), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := timedCalls(t, file); len(found) != want {
			t.Errorf("%s: found %v, want %d", body, found, want)
		}
	}
}

// timedCalls are the places of timed calls in a file, but for a file of bubbles and
// for waits that are as long as they need be.
func timedCalls(t *testing.T, path string) (found []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range file.Imports {
		if imported.Path.Value == `"testing/synctest"` {
			return nil
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if ok && slices.Contains(timed, selected(call.Fun)) && !slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return selected(e) == "await.Limit" }) {
			found = append(found, files.Position(call.Pos()).String()+": "+selected(call.Fun))
		}
		return true
	})
	return found
}

// selected is "package.Name" of an expression of that form.
func selected(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	of, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return of.Name + "." + s.Sel.Name
}
