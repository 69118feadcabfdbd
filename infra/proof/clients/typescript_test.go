package clients

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// typescript is the folder of the TypeScript client.
const typescript = "../../../shared/client/typescript"

// npmRun runs one of the TypeScript client's scripts, with the environment besides
// the test's own, and returns what it said; or fails the test with it.
func npmRun(t *testing.T, script string, environment ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "npm", "run", "--silent", script)
	command.Dir = typescript
	command.Env = append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("npm run %s: %v\n%s", script, err, output)
	}
	return string(output)
}

// built builds the client, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	command := exec.CommandContext(context.Background(), "npm", "run", "--silent", "build")
	command.Dir = typescript
	output, err := command.CombinedOutput()
	return string(output), err
})

func build(t *testing.T) {
	t.Helper()
	if output, err := built(); err != nil {
		t.Fatalf("npm run build: %v\n%s", err, output)
	}
}

// The client's own rules hold: what it repeats, keeps and tells.
func TestTypeScriptUnits(t *testing.T) {
	build(t)
	npmRun(t, "test")
}

// The client and its guards work on the real functions: with Express, Fastify and Hono
// on Node, and on Deno. They refuse as the gateway does.
func TestTypeScriptStack(t *testing.T) {
	build(t)
	refusals := map[string]operations.GatewayResponse{}
	for _, r := range operations.GatewayResponses() {
		refusals[r.Type] = r
	}
	encoded, err := json.Marshal(refusals)
	if err != nil {
		t.Fatal(err)
	}
	output := npmRun(t, "stack", "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+running.AdminKey, "KEYWARD_REFUSALS="+string(encoded))
	if strings.Contains(output, running.AdminKey) {
		t.Error("the output contains a key")
	}
}
