package clients

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/cmd/keyward/scan"
)

// These match what differs between runs of the command line's README.
var cliVarying = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`kw_[0-9A-Za-z]{6}\.\.\.[0-9A-Za-z]{6}`), "REDACTED"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`[0-9a-f]{40}`), "COMMIT"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "URL"},
	{regexp.MustCompile(`[ \t]+`), " "},
}

func cliNormal(text string) string {
	for _, v := range cliVarying {
		text = v.pattern.ReplaceAllString(text, v.stands)
	}
	return strings.TrimSpace(text)
}

// The sessions of the command line's README run as printed, one after the other.
// Each command gives the output below it, except for ids, keys, times and the width
// of columns.
func TestCommandLineReadme(t *testing.T) {
	document, err := os.ReadFile("../../../shared/cmd/keyward/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, marked, begun := strings.Cut(string(document), "<!-- cli -->\n")
	marked, _, ended := strings.Cut(marked, "<!-- /cli -->")
	if !begun || !ended {
		t.Fatal("the README has no sessions")
	}
	const mark = "=====end of output====="
	var commands, wants []string
	script := ""
	for _, block := range strings.Split(marked, "```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```\n")
		for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, output, _ := strings.Cut(part, "\n")
			commands, wants = append(commands, command), append(wants, output)
			if command == "source .local/env" { // this stack's values are set below
				command = ":"
			}
			script += command + "\necho; echo '" + mark + "'\n"
		}
	}
	if len(commands) < 12 {
		t.Fatalf("%d commands only", len(commands))
	}
	home := t.TempDir()
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Dir = home
	shell.Env = []string{
		"PATH=" + commandLineFolder(t) + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "no_proxy=*",
		"KEYWARD_CREDENTIALS=file", "KEYWARD_URL=" + running.URL, "KEYWARD_API_KEY=" + running.AdminKey,
	}
	printed, err := shell.CombinedOutput()
	outputs := strings.Split(string(printed), mark)
	if err != nil || len(outputs) != len(commands)+1 {
		t.Fatalf("%v\n%s", err, scan.Redact(string(printed)))
	}
	for i, command := range commands {
		if got, want := cliNormal(outputs[i]), cliNormal(wants[i]); got != want {
			t.Errorf("$ %s\ngot\n%s\nwant\n%s", command, scan.Redact(got), want)
		}
	}
}
