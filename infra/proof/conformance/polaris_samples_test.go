package conformance

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// sampleID is the key that the document's samples change and delete.
const sampleID = "730b0bd3-c770-4501-99f8-f3adff537051"

// Polaris: the document's own curl samples run unchanged except for the host,
// the key's id and the file that they send.
func TestPolarisCurlSamples(t *testing.T) {
	line(t, "polaris/samples")
	samples(t, "curl", ".sh", shell)
}

func shell(t *testing.T, script string) *exec.Cmd {
	return exec.CommandContext(t.Context(), "sh", "-c", script)
}

// Polaris: the document's own Python samples run unchanged except for the host
// and the key's id. The standard library replaces their requests library.
// Without Python, the curl samples cover the same requests.
func TestPolarisPythonSamples(t *testing.T) {
	line(t, "polaris/samples")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("python3 is not installed: the curl samples alone were run")
		return
	}
	samples(t, "python", ".py", func(t *testing.T, script string) *exec.Cmd {
		return exec.CommandContext(t.Context(), python, "-c", script)
	})
}

func samples(t *testing.T, language, ending string, command func(*testing.T, string) *exec.Cmd) {
	target := admin.Create(t, "target of the "+language+" samples")
	home := curlHome(t)
	run := func(name, id string) string { return runSample(t, command, home, name+ending, id) }
	if language == "curl" {
		for _, name := range []string{"upload-user", "upload-header"} {
			body, status := split(run(name, ""))
			if status != "200" || !strings.Contains(body, "kttm-2019-08-20.json.gz") {
				t.Errorf("%s: %s %s", name, status, body)
			}
		}
	}
	created, _ := split(run("create", ""))
	var key stacktest.Key
	if err := json.Unmarshal([]byte(created), &key); err != nil || key.APIKey == "" || len(key.Permissions) != 9 {
		t.Fatalf("create: %s", created)
	}
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	if listed, _ := split(run("list", "")); !strings.Contains(listed, key.ID) || !strings.HasPrefix(listed, `{"items":[`) {
		t.Errorf("list: %s", listed)
	}
	if updated, _ := split(run("update", target.ID)); !strings.Contains(updated, "Visualization API key") {
		t.Errorf("update: %s", updated)
	}
	if deleted, _ := split(run("delete", target.ID)); strings.TrimSpace(deleted) != "" {
		t.Errorf("delete: %s", deleted)
	}
	admin.Do(t, http.MethodGet, "/v1/apikeys/"+target.ID, "").Want(t, http.StatusNotFound)
}

// runSample runs a sample of the document in a folder, with the key of that id,
// and returns its output.
func runSample(t *testing.T, command func(*testing.T, string) *exec.Cmd, home, file, id string) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "polaris", file))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(
		"https://ORGANIZATION_NAME.REGION.CLOUD_PROVIDER.api.imply.io", admin.URL,
		"https://ORGANIZATION_NAME.api.imply.io", admin.URL, sampleID, id,
	).Replace(string(script))
	if strings.Contains(changed, "imply.io") || changed == string(script) {
		t.Fatalf("%s: the host was not replaced", file)
	}
	python, err := filepath.Abs("testdata/python")
	if err != nil {
		t.Fatal(err)
	}
	process := command(t, changed)
	process.Dir = home
	process.Env = append(os.Environ(), "POLARIS_API_KEY="+strings.TrimPrefix(admin.Authorization, "Bearer "),
		"CURL_HOME="+home, "PYTHONPATH="+python, "PYTHONDONTWRITEBYTECODE=1", "no_proxy=*")
	output, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, output)
	}
	return string(output)
}

// curlHome returns a folder with the file that the upload samples send, and a
// curl configuration that prints the status, plus additional lines.
func curlHome(t *testing.T, more ...string) string {
	t.Helper()
	home := t.TempDir()
	for name, content := range map[string]string{
		"kttm-2019-08-20.json.gz": "not really compressed",
		".curlrc":                 "silent\nshow-error\nwrite-out = \"\\n%{http_code}\"\n" + strings.Join(more, "\n"),
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// split separates a sample's output into the body and, for curl, the status.
func split(output string) (body, status string) {
	output = strings.TrimSpace(output)
	if i := strings.LastIndexByte(output, '\n'); i >= 0 && len(output)-i == 4 {
		return output[:i], output[i+1:]
	}
	if len(output) == 3 {
		return "", output
	}
	return output, ""
}
