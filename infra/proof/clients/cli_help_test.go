package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const helpTexts = "testdata/help.golden"

// The help texts of all commands are those of the file: run with -update-cli to
// write it again, and look at what changes.
func TestHelpTexts(t *testing.T) {
	folder := commandLineFolder(t)
	var all strings.Builder
	var add func(path ...string)
	add = func(path ...string) {
		command := exec.CommandContext(t.Context(), filepath.Join(folder, "keyward"), append(path, "--help")...)
		command.Env = []string{"HOME=" + t.TempDir()}
		text, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", path, err, text)
		}
		own, _, _ := strings.Cut(string(text), "Global Flags:\n") // which are the first command's flags
		all.WriteString("$ keyward " + strings.Join(append(path, "--help"), " ") + "\n" + own + "\n")
		_, rest, _ := strings.Cut(string(text), "Available Commands:\n")
		commands, _, _ := strings.Cut(rest, "\n\n")
		for line := range strings.Lines(commands) {
			if name := strings.Fields(line); len(name) > 0 && name[0] != "help" && name[0] != "completion" {
				add(append(append([]string{}, path...), name[0])...)
			}
		}
	}
	add()
	if *updateCLI {
		if err := os.WriteFile(helpTexts, []byte(all.String()), 0o644); err != nil { //nolint:gosec // it is for everyone
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(helpTexts)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != all.String() {
		t.Errorf("the help texts are others than in %s: go test ./infra/proof/clients -run TestHelpTexts -update-cli, and look at what changes", helpTexts)
	}
	for line := range strings.Lines(all.String()) {
		if len(line) > 140 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
}
