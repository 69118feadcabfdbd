// Package table makes the table of what the documents say and which
// test holds it, out of the checklist and the tests themselves.
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

// Line is one line of the checklist. Note says where Keyward is stricter than the
// document, or other, and why; it is empty where it does what the document says.
type Line struct {
	Document, ID, Fact, Note string
}

// holder is a test that holds a line.
type holder struct{ name, file string }

// Markdown is the table of the tests in a folder, for a document there. A line that no test holds is an error, and so is a test that names
// no line of the checklist.
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
	text.WriteString("| document | what it says | where Keyward is stricter or other, and why | test |\n|---|---|---|---|\n")
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

// cell is a text in a cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// Lines reads a checklist: a document's name on a line of its own, and below it
// lines of the form "id: fact", each with its note below it, if it has one, behind
// ">". Lines that begin with # say nothing.
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

// holders are the tests by the lines that they name, in calls of line(t, "...").
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

// named are the texts that a body gives to line, each once.
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

// The marks between which a document has the table.
const (
	opening = "<!-- conformance -->\n"
	closing = "<!-- /conformance -->"
)

// ErrNoMarks is a document without a place for the table.
var ErrNoMarks = errors.New("the document has no line " + strings.TrimSpace(opening) + " with " + closing + " below it")

// Replace puts the table between the marks of a document.
func Replace(document, table string) (string, error) {
	before, rest, opened := strings.Cut(document, opening)
	_, after, closed := strings.Cut(rest, closing)
	if !opened || !closed {
		return "", ErrNoMarks
	}
	return before + opening + table + closing + after, nil
}
