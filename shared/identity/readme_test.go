package identity_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/identity"
)

// readers are the documented readers in other languages: the program that runs
// one, and a script that makes it answer every question in order.
var readers = map[string]struct{ program, file, script string }{
	"node": {"node", "has.mjs", `
		import { has } from "./has.mjs";
		import { readFileSync } from "node:fs";
		const answers = JSON.parse(readFileSync(0)).map(({ context, permission }) => {
			try { return has(context, permission) } catch { return "refused" }
		});
		console.log(JSON.stringify(answers));`},
	"python": {"python3", "has.py", strings.ReplaceAll(`
		import json, sys
		from has import has
		answers = []
		for question in json.load(sys.stdin):
		    try:
		        answers.append(has(question["context"], question["permission"]))
		    except ValueError:
		        answers.append("refused")
		print(json.dumps(answers))`, "\n\t\t", "\n")},
}

type question struct {
	Context    any    `json:"context"`
	Permission string `json:"permission"`
}

// questions returns every question about the vectors and about invalid contexts,
// with this package's answers, which the vectors confirm.
func questions(t *testing.T) (asked []question, want []any) {
	t.Helper()
	add := func(context map[string]any, name string) {
		i, err := identity.From(context)
		var answer any = i.Has(name)
		if err != nil {
			answer = "refused"
		}
		asked, want = append(asked, question{context, name}), append(want, answer)
	}
	v := readVectors(t)
	for _, c := range v.Valid {
		for _, name := range append(c.Has, c.HasNot...) {
			add(contextOf(c.Permissions), name)
		}
	}
	for _, text := range v.Malformed {
		add(contextOf(text), "A")
	}
	add(nil, "A")
	add(map[string]any{}, "A")
	add(map[string]any{"permissions": "A"}, "A")
	add(map[string]any{"orgId": "demo", "permissions": []string{"A"}}, "A")
	return asked, want
}

// The documented readers for Node.js and Python answer as this package does.
// Without Python, only Node.js is tested.
func TestDocumentedReaders(t *testing.T) {
	asked, want := questions(t)
	input, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	for name, reader := range readers {
		program, err := exec.LookPath(reader.program)
		if err != nil && name == "python" {
			t.Log("python3 is not installed: the reader for Python was not run")
			continue
		}
		if err != nil {
			t.Fatal("node is missing: install Node.js 20 or later")
		}
		folder := t.TempDir()
		write(t, filepath.Join(folder, reader.file), snippet(t, name))
		main := filepath.Join(folder, "main"+filepath.Ext(reader.file))
		write(t, main, reader.script)
		command := exec.CommandContext(t.Context(), program, main)
		command.Dir, command.Stdin = folder, strings.NewReader(string(input))
		output, err := command.CombinedOutput()
		var answers []any
		if err != nil || json.Unmarshal(output, &answers) != nil || len(answers) != len(want) {
			t.Fatalf("%s: %v\n%s", name, err, output)
		}
		for i, answer := range answers {
			if answer != want[i] {
				t.Errorf("%s: %.80v has %q: %v, want %v", name, asked[i].Context, asked[i].Permission, answer, want[i])
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// snippet returns the code between two marks in authorizer/README.md.
func snippet(t *testing.T, name string) string {
	t.Helper()
	readme, err := os.ReadFile("../../authorizer/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "<!-- "+name+" -->\n```")
	rest, _, ended := strings.Cut(rest, "```\n<!-- /"+name+" -->")
	_, code, fenced := strings.Cut(rest, "\n")
	if !found || !ended || !fenced {
		t.Fatalf("authorizer/README.md has no reader for %s", name)
	}
	return code
}
