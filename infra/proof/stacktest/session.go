package stacktest

import (
	"regexp"
	"strings"
	"testing"
)

// These patterns match what differs between runs of a documented session.
var varying = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`kw_[0-9A-Za-z]{66}`), "KEY"},
	{regexp.MustCompile(`(?i)kw_[0-9a-z]{6}\.\.\.[0-9a-z]{6}`), "REDACTED"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`"bytes":\d+`), "BYTES"},
	{regexp.MustCompile(`"(allowed|requests)":[1-9]\d*`), "REQUESTS"},
	{regexp.MustCompile(`"(iat|ttlSeconds)":[1-9]\d*`), "SECONDS"},
}

func normalize(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.stands)
	}
	return strings.TrimSpace(text)
}

// Session returns the commands, with their output, of every console block of a
// document.
func Session(document string) string {
	var inside strings.Builder
	for _, part := range strings.Split(document, "```console\n")[1:] {
		text, _, _ := strings.Cut(part, "```\n")
		inside.WriteString(text + "\n")
	}
	return inside.String()
}

// CheckSession runs the commands of a session as one script, and checks that each
// gives the output below it, except for ids, keys and times. run returns all that
// the script prints. There must be at least so many commands.
func CheckSession(t testing.TB, session string, least int, run func(script string) string) {
	t.Helper()
	const mark = "=====end of output====="
	var script strings.Builder
	var commands, wants []string
	for _, part := range strings.Split("\n"+session, "\n$ ")[1:] {
		command, output, _ := strings.Cut(part, "\n")
		commands, wants = append(commands, command), append(wants, output)
		if command == "source .local/env" { // run sets its values
			command = ":"
		}
		script.WriteString(command + "\necho; echo '" + mark + "'\n")
	}
	if len(commands) < least {
		t.Fatalf("%d commands only", len(commands))
	}
	outputs := strings.Split(run(script.String()), mark)
	for i, command := range commands {
		if i >= len(outputs) {
			t.Fatalf("$ %s was not reached", command)
		}
		if got, want := normalize(outputs[i]), normalize(wants[i]); got != want {
			t.Errorf("$ %s\ngot  %s\nwant %s", command, got, want)
		}
	}
}
