package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// generatedCode begins a file that a program wrote, as Go's tools recognize it.
var generatedCode = regexp.MustCompile(`(?m)\A// Code generated .* DO NOT EDIT\.$`)

// No Go file that people write is longer than 400 lines: a longer one is several
// things.
func TestFilesAreShort(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(path, "node_modules") {
			return err
		}
		source, err := os.ReadFile(path)
		if lines := strings.Count(string(source), "\n"); lines > 400 && !generatedCode.Match(source) {
			t.Errorf("%s has %d lines", path, lines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// No function of the product that people write is longer than 60 lines: a longer
// one does several things. Functions of tests may be longer, because a table of
// cases is easier to read in one place.
func TestFunctionsAreShort(t *testing.T) {
	functions := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil || generatedCode.Match(source) {
			return err
		}
		for name, lines := range functionLines(t, path, source) {
			if functions++; lines > 60 {
				t.Errorf("%s: %s has %d lines", path, name, lines)
			}
		}
		return nil
	})
	if err != nil || functions < 1000 {
		t.Errorf("%d functions found, %v", functions, err)
	}
}

// functionLines returns the length of each function and method of a Go file, by
// its name.
func functionLines(t *testing.T, path string, source []byte) map[string]int {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, declared := range file.Decls {
		if function, ok := declared.(*ast.FuncDecl); ok {
			n := set.Position(function.End()).Line - set.Position(function.Pos()).Line + 1
			lines[function.Name.Name] = max(lines[function.Name.Name], n)
		}
	}
	return lines
}

// The measure of functions sees methods and functions, from the line that
// declares them to their last brace.
func TestFunctionLines(t *testing.T) {
	got := functionLines(t, "x.go", []byte("package x\n\n// Doc.\nfunc a() {\n\t_ = 1\n}\n\nfunc (t) b() {}\n\nfunc (u) b() {\n}\n"))
	if len(got) != 2 || got["a"] != 3 || got["b"] != 2 {
		t.Errorf("%v", got)
	}
}
