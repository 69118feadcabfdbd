package clients

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/port"
	"github.com/keyward/keyward/shared/client"
)

// The service in the README is a whole program: it starts, lets in a key with the
// permission, and refuses it once it is deleted.
func TestGoClientReadme(t *testing.T) {
	text, err := os.ReadFile("../../../shared/client/README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- service -->\n```go\n(.*?)```\n<!-- /service -->").FindSubmatch(text)
	if block == nil {
		t.Fatal("the README has no service")
	}
	folder := t.TempDir()
	source, program := filepath.Join(folder, "main.go"), filepath.Join(folder, "service")
	if err := os.WriteFile(source, block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	c := goClient(t)
	own := newKey(t, c, client.NewKey{Permissions: []string{"VerifyApiKeys"}})
	listener, err := port.Listen("localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	service := exec.CommandContext(t.Context(), program)
	service.Env = append(os.Environ(), "KEYWARD_URL="+running.URL, "KEYWARD_API_KEY="+own.APIKey.Reveal(), "PORT="+strconv.Itoa(free))
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = service.Process.Kill()
		_ = service.Wait()
	})
	url := "http://localhost:" + strconv.Itoa(free) + "/tables"
	key := newKey(t, c, client.NewKey{Permissions: []string{"ViewTables"}})
	answers := func(status int) func() bool {
		return func() bool {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+key.APIKey.Reveal())
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return false // it is still starting
			}
			defer func() { _ = response.Body.Close() }()
			return response.StatusCode == status
		}
	}
	await.Until(t, "the key is let in", answers(http.StatusOK))
	if err := c.Keys.Delete(t.Context(), key.ID, nil); err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the deleted key is refused", answers(http.StatusUnauthorized))
}
