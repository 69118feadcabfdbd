package e2e

import (
	"encoding/json"
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

// block is what stands between two marks in the README.
func block(t *testing.T, name string) string {
	t.Helper()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "<!-- "+name+" -->\n```console\n")
	inside, _, ended := strings.Cut(rest, "```\n<!-- /"+name+" -->")
	if !found || !ended {
		t.Fatalf("README.md has no %s", name)
	}
	return inside
}

// shell runs a script as the README's reader would, with the stack's values set.
func shell(t *testing.T, script string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "no_proxy=*")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return string(output)
}

// The README's examples run as printed, with the ids that they name filled in.
func TestReadmeExamples(t *testing.T) {
	ids := strings.NewReplacer()
	var known []string
	commands := strings.Split("\n"+block(t, "examples"), "\n$ ")[1:]
	if len(commands) < 6 {
		t.Fatalf("%d commands only", len(commands))
	}
	for _, command := range commands {
		output := shell(t, strings.Replace(ids.Replace(command), "curl ", "curl -sS --fail-with-body ", 1))
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(output), &made); err != nil {
			t.Fatalf("$ %s\n%s", command, output)
		}
		switch {
		case strings.Contains(command, "/v1/policies"):
			known = append(known, "POLICY_ID", made.ID)
		case strings.Contains(command, "/v1/users"):
			known = append(known, "USER_ID", made.ID)
		case strings.Contains(command, "/v1/apikeys"):
			t.Cleanup(func() { admin.Delete(t, made.ID) })
		}
		ids = strings.NewReplacer(known...)
	}
}

// The README's session and its tour of all kinds of APIs run as printed: each command
// gives the output that stands below it, but for ids, keys and times.
func TestReadmeSessions(t *testing.T) {
	for name, least := range map[string]int{"session": 6, "shapes": 3} {
		t.Run(name, func(t *testing.T) { checkSession(t, block(t, name), least) })
	}
}

func checkSession(t *testing.T, session string, least int) {
	t.Helper()
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
	if len(commands) < least {
		t.Fatalf("%d commands only", len(commands))
	}
	outputs := strings.Split(shell(t, script.String()), mark)
	for i, command := range commands {
		if got, want := normalize(outputs[i]), normalize(wants[i]); got != want {
			t.Errorf("$ %s\ngot  %s\nwant %s", command, got, want)
		}
	}
}
