package table

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func folder(t *testing.T, checklist, test string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"checklist.txt": checklist, "a_test.go": test} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const checklist = "# a remark\n\nCatena\ncatena/one: first: a|b\n> other: because c|d\ncatena/two: second\n"

// Each line has its tests, in the order of the checklist.
func TestMarkdown(t *testing.T) {
	dir := folder(t, checklist, `package a
func TestB(t *testing.T) { line(t, "catena/two", "catena/one"); t.Run("", func(t *testing.T) { line(t, "catena/two") }) }
func TestA(t *testing.T) { line(t, "catena/one") }
func helper(t *testing.T) { line(t, "catena/unknown") }
`)
	got, err := Markdown(dir)
	if err != nil {
		t.Fatal(err)
	}
	const want = "| document | what it says | where Keyward is stricter or differs, and why | test |\n|---|---|---|---|\n" +
		"| Catena | first: a\\|b | other: because c\\|d | [`TestB`](a_test.go), [`TestA`](a_test.go) |\n" +
		"| Catena | second |  | [`TestB`](a_test.go) |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A line without a test is a fault, and so is a test of a missing line.
func TestMarkdownFindsGaps(t *testing.T) {
	_, err := Markdown(folder(t, checklist, "package a\nfunc TestA(t *testing.T) { line(t, \"catena/one\", \"catena/three\") }\n"))
	if err == nil || !strings.Contains(err.Error(), "no test holds catena/two") || !strings.Contains(err.Error(), "catena/three is no line") {
		t.Errorf("got %v", err)
	}
}

// A note without a line is a fault, and so is a second note of a line.
func TestNotesBelongToLines(t *testing.T) {
	for _, text := range []string{"> a note\n", "Catena\ncatena/one: first\n> a note\n> another\n"} {
		if _, err := Lines(filepath.Join(folder(t, text, "package a\n"), "checklist.txt")); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

var update = flag.Bool("update", false, "write the table again")

// The README has the generated table.
func TestReadme(t *testing.T) {
	const file = "../README.md"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Markdown("..")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Replace(string(readme), text)
	switch {
	case err != nil:
		t.Fatal(err)
	case *update:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a document is for everyone
			t.Fatal(err)
		}
	case want != string(readme):
		t.Error("README.md is not what the tests make it: run go generate ./infra/proof/conformance")
	}
}

// Text around the marks stays.
func TestReplace(t *testing.T) {
	got, err := Replace("a\n"+opening+"old\n"+closing+"\nb", "new\n")
	if err != nil || got != "a\n"+opening+"new\n"+closing+"\nb" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Replace("a\n"+opening, "new\n"); err == nil {
		t.Error("a document without a closing mark is accepted")
	}
}
