package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What differs from one run of the README's session to the next.
var varying = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`kw_[0-9A-Za-z]{66}`), "KEY"},
	{regexp.MustCompile(`(?i)kw_[0-9a-z]{6}\.\.\.[0-9a-z]{6}`), "REDACTED"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`"bytes":\d+`), "BYTES"},
}

func normalize(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.stands)
	}
	return strings.TrimSpace(text)
}

// The README's session runs as printed: each command gives the output that
// stands below it, but for ids, keys and times.
func TestReadmeSession(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "<!-- session -->\n```console\n")
	session, _, ended := strings.Cut(rest, "```\n<!-- /session -->")
	if !found || !ended {
		t.Fatal("README.md has no session")
	}
	const mark = "=====end of output====="
	var script strings.Builder
	var commands, wants []string
	for _, part := range strings.Split("\n"+session, "\n$ ")[1:] {
		command, output, _ := strings.Cut(part, "\n")
		commands, wants = append(commands, command), append(wants, output)
		if command == "source .local/env" { // this stack's values are set below
			command = ":"
		}
		script.WriteString(command + "\necho; echo '" + mark + "'\n")
	}
	if len(commands) < 6 {
		t.Fatalf("%d commands only", len(commands))
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	shell.Dir = "../../.."
	shell.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "no_proxy=*")
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	outputs := strings.Split(string(output), mark)
	for i, command := range commands {
		if got, want := normalize(outputs[i]), normalize(wants[i]); got != want {
			t.Errorf("$ %s\ngot  %s\nwant %s", command, got, want)
		}
	}
}
