package clients

import (
	"os"
	"os/exec"
	"testing"
)

// bash runs a script as a reader of the documents would, with the key of the first
// admin in the environment, and returns what it prints.
func bash(t *testing.T, script string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-e", "-u", "-o", "pipefail", "-c", script)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey)
	output, err := command.Output()
	return string(output), err
}
