package settings_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// GitHub's keys are read over https alone, or from this machine. Without a
// setting they are where GitHub publishes them.
func TestGitHubKeys(t *testing.T) {
	op, _ := operations.Find("report-exposure")
	for text, good := range map[string]bool{
		"": true, "https://ghe.example.com/keys": true, "http://127.0.0.1:8080/keys": true, "http://[::1]/keys": true,
		"http://example.com/keys": false, "http://localhost/keys": false, "https://": false, "https://user@example.com/": false, "keys": false, "file:///keys": false,
	} {
		values := complete()
		values[operations.EnvGitHubKeys] = text
		s, err := settings.Read(op, environment(values))
		want := text
		if text == "" {
			want = operations.GitHubKeys
		}
		if (err == nil) != good || good && s.GitHubKeys != want || err != nil && !strings.Contains(err.Error(), operations.EnvGitHubKeys) {
			t.Errorf("%q: %q, %v", text, s.GitHubKeys, err)
		}
	}
}
