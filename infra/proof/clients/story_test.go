package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// What the README tells of the first ten minutes happens as printed: the command
// line signs in and makes keys, two services let one of them in, and refuse it once
// it is deleted.
func TestStory(t *testing.T) {
	document := guide(t, "../../README.md")
	_, story, found := strings.Cut(document, "<!-- story -->\n")
	story, _, ended := strings.Cut(story, "<!-- /story -->")
	if !found || !ended {
		t.Fatal("the README has no story")
	}
	home, url := t.TempDir(), "http://127.0.0.1:3000"
	story = strings.NewReplacer(
		"go install ./shared/cmd/keyward", ":", "npm ci --silent", ":", "dist/service", filepath.Join(home, "service"),
		"8081", freePort(t), "8082", freePort(t), "/tmp/", home+"/", url, running.URL,
	).Replace(story)
	stacktest.CheckSession(t, stacktest.Session(story), 13, func(script string) string {
		caches, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE").Output()
		cache, modules, _ := strings.Cut(strings.TrimSpace(string(caches)), "\n")
		if err != nil {
			t.Fatal(err)
		}
		output, err := bash(t, `trap 'kill $(jobs -p) 2>/dev/null' EXIT; `+script,
			"PATH="+commandLineFolder(t)+":"+os.Getenv("PATH"), "HOME="+home, "KEYWARD_CREDENTIALS=file", "GOCACHE="+cache, "GOMODCACHE="+modules)
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return output
	})
}

// The services that the story runs are those that the clients' READMEs show.
func TestStoryServices(t *testing.T) {
	for file, document := range map[string]string{
		"shared/client/example/main.go": "shared/client/README.md", "shared/client/typescript/example.mjs": "shared/client/typescript/README.md",
	} {
		if source := guide(t, "../../"+file); source == "" || !strings.Contains(guide(t, "../../"+document), "\n"+source+"```\n") {
			t.Errorf("%s does not show %s", document, file)
		}
	}
}
