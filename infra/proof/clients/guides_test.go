package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

const guides = "../../../functions/guides"

// bash runs a script as a reader of the documents would, with the key of the first
// admin in the environment, and returns what it prints.
func bash(t *testing.T, script string, more ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "no_proxy=*")
	command.Env = append(command.Env, more...)
	output, err := command.CombinedOutput()
	return string(output), err
}

// ownFiles returns a guide's script with a folder of the test's own in place of
// /tmp, so that two runs on one machine do not take each other's files.
func ownFiles(t *testing.T, script string) string {
	t.Helper()
	return strings.ReplaceAll(script, "/tmp/", t.TempDir()+"/")
}

func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(guides, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each command of a guide gives the output below it, except for ids, keys and
// times. API Gateway's own keys, which no local stack has, are listed by a program
// that stands for the AWS CLI.
func TestGuides(t *testing.T) {
	aws := t.TempDir()
	script := "#!/bin/bash -eu\n[ \"${*:1:2}\" = 'apigateway get-api-keys' ]\nprintf 'Acme\\tGlobex\\n'\n"
	if err := os.WriteFile(filepath.Join(aws, "aws"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	for name, least := range map[string]int{"ci-job.md": 9, "rotation.md": 12, "leaked-key.md": 19, "api-gateway-keys.md": 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stacktest.CheckSession(t, stacktest.Session(guide(t, name)), least, func(script string) string {
				output, err := bash(t, ownFiles(t, script), "PATH="+aws+":"+commandLineFolder(t)+":"+os.Getenv("PATH"))
				if err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				return output
			})
		})
	}
}
