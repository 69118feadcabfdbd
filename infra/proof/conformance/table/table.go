// Package table generates the table of what the documents say and which test
// proves it, from the checklist and the tests.
package table

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Line is one line of the checklist. Note says where and why Keyward is stricter
// than the document or differs from it. It is empty if Keyward does what the
// document says.
type Line struct {
	Document, ID, Fact, Note string
}

// holder is a test that proves a line.
type holder struct{ name, file string }

// Markdown returns the table of the tests in a folder. It returns an error for a
// line without a test, and for a test that names no line of the checklist.
func Markdown(folder string) (string, error) {
	lines, err := Lines(filepath.Join(folder, "checklist.txt"))
	if err != nil {
		return "", err
	}
	held, err := holders(folder)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString("| document | what it says | where Keyward is stricter or differs, and why | test |\n|---|---|---|---|\n")
	var faults []error
	for _, line := range lines {
		tests := held[line.ID]
		delete(held, line.ID)
		if len(tests) == 0 {
			faults = append(faults, fmt.Errorf("no test holds %s", line.ID))
		}
		var links []string
		for _, test := range tests {
			links = append(links, fmt.Sprintf("[`%s`](%s)", test.name, test.file))
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", line.Document, cell(line.Fact), cell(line.Note), strings.Join(links, ", "))
	}
	for id := range held {
		faults = append(faults, fmt.Errorf("%s is no line of the checklist", id))
	}
	return text.String(), errors.Join(faults...)
}

// cell returns a text escaped for a cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// Lines parses a checklist. A document's name is on a line of its own, followed
// by lines of the form "id: fact". A note follows its line and starts with ">".
// Lines that start with # are comments.
func Lines(file string) ([]Line, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines []Line
	document := ""
	for row := range strings.Lines(string(content)) {
		row = strings.TrimSpace(row)
		id, fact, isLine := strings.Cut(row, ": ")
		switch {
		case row == "" || row[0] == '#':
		case row[0] == '>' && len(lines) > 0 && lines[len(lines)-1].Note == "":
			lines[len(lines)-1].Note = strings.TrimSpace(row[1:])
		case row[0] == '>':
			return nil, fmt.Errorf("%q stands below no line of the checklist", row)
		case isLine:
			lines = append(lines, Line{Document: document, ID: id, Fact: fact})
		default:
			document = row
		}
	}
	return lines, nil
}

// holders returns the tests by the lines that they name, in calls of line(t,
// "...").
func holders(folder string) (map[string][]holder, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return nil, err
	}
	held := map[string][]holder{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declaration := range parsed.Decls {
			test, ok := declaration.(*ast.FuncDecl)
			if !ok || test.Recv != nil || !strings.HasPrefix(test.Name.Name, "Test") {
				continue
			}
			for _, id := range named(test.Body) {
				held[id] = append(held[id], holder{test.Name.Name, filepath.Base(file)})
			}
		}
	}
	return held, nil
}

// named returns the texts that a body passes to line, each once.
func named(body *ast.BlockStmt) []string {
	var ids []string
	ast.Inspect(body, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "line" {
			return true
		}
		for _, argument := range call.Args {
			if literal, ok := argument.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if id, err := strconv.Unquote(literal.Value); err == nil {
					ids = append(ids, id)
				}
			}
		}
		return true
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

// The marks around the table in a document.
const (
	opening = "<!-- conformance -->\n"
	closing = "<!-- /conformance -->"
)

// ErrNoMarks reports a document without a place for the table.
var ErrNoMarks = errors.New("the document has no line " + strings.TrimSpace(opening) + " with " + closing + " below it")

// Replace returns the document with the table between the marks.
func Replace(document, table string) (string, error) {
	before, rest, opened := strings.Cut(document, opening)
	_, after, closed := strings.Cut(rest, closing)
	if !opened || !closed {
		return "", ErrNoMarks
	}
	return before + opening + table + closing + after, nil
}
