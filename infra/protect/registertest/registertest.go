// Package registertest runs register.js as Lambda and CloudFormation would,
// without either. It needs Node.js.
package registertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// SecretID is the only secret that can be read.
const SecretID = "SECRET"

// Told is what CloudFormation was told, by its field names.
type Told map[string]string

// Run runs the code of a file on a CloudFormation event, and sets the event's
// response URL. secret is the text of the one secret. Run returns the answer and
// everything that the code logged. It fails the test if CloudFormation could not
// accept the answer.
func Run(t testing.TB, file, secret string, event map[string]any) (told Told, logged string) {
	t.Helper()
	var contentType []string
	formation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		contentType = r.Header["Content-Type"]
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil || r.Method != http.MethodPut {
			t.Errorf("CloudFormation got %s, %v", r.Method, err)
		}
	}))
	defer formation.Close()
	event["ResponseURL"], event["StackId"], event["LogicalResourceId"], event["RequestId"] = formation.URL+"/answer", "STACK", "RESOURCE", "REQUEST"
	logged = handle(t, file, secret, event)
	if len(contentType) != 1 || contentType[0] != "" {
		t.Errorf("the content type is %q: the address is signed for an empty one", contentType)
	}
	if told["StackId"] != "STACK" || told["LogicalResourceId"] != "RESOURCE" || told["RequestId"] != "REQUEST" {
		t.Errorf("CloudFormation was told %v", told)
	}
	return told, logged
}

// sdk replaces the SDK module of Lambda's runtime.
const sdk = `exports.SecretsManager = class {
  async getSecretValue({ SecretId }) {
    if (SecretId !== '` + SecretID + `') throw new Error('no such secret');
    return { SecretString: process.env.SECRET_TEXT };
  }
};`

func handle(t testing.TB, file, secret string, event map[string]any) (logged string) {
	t.Helper()
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	module := filepath.Join(folder, "node_modules", "@aws-sdk", "client-secrets-manager")
	if err := os.MkdirAll(module, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{filepath.Join(module, "index.js"): []byte(sdk), filepath.Join(folder, "index.js"): code} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "node", "-e", "require('./index.js').handler("+string(payload)+")")
	command.Dir, command.Env = folder, append(os.Environ(), "SECRET_TEXT="+secret)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, output)
	}
	return string(output)
}
