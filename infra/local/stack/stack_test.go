package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/operations"
)

// start starts a stack whose authorizer caches nothing.
func start(t *testing.T, options Options) *Stack {
	t.Helper()
	options.Environment = map[string]string{operations.EnvCacheTTL: "0"}
	s, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// ask makes a request with a key; an empty one sends none.
func ask(t *testing.T, s *Stack, key, method, path, body string) (status int, header http.Header, answer map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), await.Limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
		return
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Errorf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return response.StatusCode, response.Header, answer
}

// The real functions work behind the gateway.
func TestStack(t *testing.T) {
	var progress bytes.Buffer
	s := start(t, Options{Progress: &progress})
	if !strings.Contains(progress.String(), "starting DynamoDB Local") {
		t.Errorf("progress: %q", progress.String())
	}
	t.Run("keys", func(t *testing.T) { checkKeys(t, s) })
	t.Run("unknown routes", func(t *testing.T) { checkUnknownRoutes(t, s) })
}

// checkKeys creates a key. The authorizer lets it use what it may on each of the
// three APIs, and refuses it once it is deleted.
func checkKeys(t *testing.T, s *Stack) {
	t.Helper()
	status, _, created := ask(t, s, s.AdminKey, "POST", "/v1/apikeys", `{"name":"n","permissions":["ManageFiles"]}`)
	if status != 201 {
		t.Fatalf("create: %d %v", status, created)
	}
	key, id := created["apiKey"].(string), created["id"].(string)
	for _, c := range []struct {
		key, method, path, body string
		status                  int
		code                    any
	}{
		{key, "POST", "/v1/files", "hello", 200, nil},
		{key, "GET", "/v1/whoami", "", 200, nil},
		{key, "GET", "/v1/apikeys", "", 403, "FORBIDDEN"},
		{key, "GET", "/v1/policies", "", 403, "PERMISSION_MISSING"},
		{key, "POST", "/api", `{"command":"x"}`, 403, nil},
		{s.AdminKey, "POST", "/api", `{"command":"x"}`, 200, nil},
		{"", "POST", "/v1/files", "hello", 401, "UNAUTHENTICATED"},
		{"", "POST", "/api", "{}", 401, nil},
		{"", "GET", "/v1/openapi.json", "", 200, nil},
		{s.AdminKey, "DELETE", "/v1/apikeys/" + id, "", 204, nil},
		{key, "POST", "/v1/files", "hello", 401, "UNAUTHENTICATED"},
		{key, "POST", "/api", "{}", 401, nil},
	} {
		status, header, answer := ask(t, s, c.key, c.method, c.path, c.body)
		if status != c.status || answer["code"] != c.code {
			t.Errorf("%s %s: %d %v, want %d %v", c.method, c.path, status, answer, c.status, c.code)
		}
		if header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s %s: no request id", c.method, c.path)
		}
	}
}

// checkUnknownRoutes checks that an unknown path or method of a dialect is
// answered in that dialect, with or without a key.
func checkUnknownRoutes(t *testing.T, s *Stack) {
	t.Helper()
	for _, c := range []struct{ method, path, dialect string }{
		{"GET", "/api/v1/api_keys/a/b", "catena"},
		{"PATCH", "/api/v1/api_keys/policies", "catena"},
		{"DELETE", "/enterprise/v2/api_key/apk_1", "supermetrics"},
		{"POST", "/enterprise/v2/teams", "supermetrics"},
		{"GET", "/v1/teams", "canonical"},
	} {
		for _, key := range []string{"", s.AdminKey} {
			status, _, answer := ask(t, s, key, c.method, c.path, "")
			_, inError := answer["error"]
			_, inMeta := answer["meta"]
			dialect := map[[2]bool]string{{true, false}: "catena", {true, true}: "supermetrics", {false, false}: "canonical"}[[2]bool{inError, inMeta}]
			if status != 404 || c.dialect != dialect {
				t.Errorf("%s %s: %d %v, want a 404 of %s", c.method, c.path, status, answer, c.dialect)
			}
		}
	}
	// For a path without a route, API Gateway takes a key for a signature.
	for key, want := range map[string]int{"": 404, s.AdminKey: 403} {
		if status, _, answer := ask(t, s, key, "GET", "/enterprise/v3/api_keys", ""); status != want {
			t.Errorf("a path of no format: %d %v, want %d", status, answer, want)
		}
	}
}

// With concurrency set, the real binaries handle several invocations in one
// process, and each request gets its own answer.
func TestConcurrency(t *testing.T) {
	s := start(t, Options{Concurrency: 32})
	ids := map[string]string{s.AdminKey: ""}
	for n := range 3 {
		status, _, created := ask(t, s, s.AdminKey, "POST", "/v1/apikeys", `{"name":"`+string(rune('a'+n))+`","permissions":[]}`)
		if status != 201 {
			t.Fatalf("create: %d %v", status, created)
		}
		ids[created["apiKey"].(string)] = created["id"].(string)
	}
	var wg sync.WaitGroup
	for range 8 {
		for key, id := range ids {
			wg.Go(func() {
				status, _, answer := ask(t, s, key, "GET", "/v1/whoami", "")
				if status != 200 || id != "" && answer["id"] != id {
					t.Errorf("%d %v, want the key %s", status, answer, id)
				}
			})
		}
	}
	wg.Wait()
	for _, function := range []string{"authorizer", "whoami"} {
		if n := s.Runtime.Processes(function); n != 1 {
			t.Errorf("%d processes of %s, want 1", n, function)
		}
	}
}

// While DynamoDB or KMS is down, a good key gets 503 and never 401. Afterwards
// everything recovers without intervention.
func TestOutages(t *testing.T) {
	s := start(t, Options{DataDir: t.TempDir()})
	whoami := func(when string) int {
		t.Helper()
		status, header, answer := ask(t, s, s.AdminKey, "GET", "/v1/whoami", "")
		if status != 200 && status != 503 || status == 503 && header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %v", when, status, answer)
		}
		return status
	}
	down := func(when string) {
		t.Helper()
		if status := whoami(when); status != 503 {
			t.Errorf("%s: %d, want 503", when, status)
		}
	}
	up := func(when string) {
		t.Helper()
		await.Until(t, "an answer "+when, func() bool { return whoami(when) == 200 })
	}
	up("before")
	s.StopDynamoDB()
	down("without DynamoDB")
	if err := s.StartDynamoDB(t.Context()); err != nil {
		t.Fatal(err)
	}
	up("with DynamoDB again")
	s.StopKMS()
	s.Runtime.Recycle("authorizer")
	down("without KMS")
	if err := s.StartKMS(t.Context()); err != nil {
		t.Fatal(err)
	}
	up("with KMS again")
}

// A data folder keeps keys and the admin key across restarts. One that has lost
// the admin key gets another.
func TestDataDir(t *testing.T) {
	folder := t.TempDir()
	s := start(t, Options{DataDir: folder})
	first := s.AdminKey
	s.Stop()
	info, err := os.Stat(filepath.Join(folder, adminKeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the admin key's file: %v %v", info, err)
	}
	s = start(t, Options{DataDir: folder})
	if s.AdminKey != first {
		t.Error("another admin key after a restart")
	}
	s.Stop()
	if err := os.Remove(filepath.Join(folder, adminKeyFile)); err != nil {
		t.Fatal(err)
	}
	s = start(t, Options{DataDir: folder})
	if s.AdminKey == first {
		t.Error("the lost admin key is back")
	}
	for _, key := range []string{first, s.AdminKey} {
		if status, _, answer := ask(t, s, key, "GET", "/v1/whoami", ""); status != 200 {
			t.Errorf("whoami: %d %v", status, answer)
		}
	}
}

// Anything missing or taken gives one clear line before anything has started.
func TestStartRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	for _, c := range []struct {
		name    string
		options Options
		want    string
	}{
		{"taken port", Options{Port: listener.Addr().(*net.TCPAddr).Port}, "is taken: set PORT to another"},
		{"no binaries", Options{Root: t.TempDir()}, "run make build"},
	} {
		s, err := Start(t.Context(), c.options)
		if err == nil {
			s.Stop()
			t.Fatalf("%s: it started", c.name)
		}
		if text := err.Error(); !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
			t.Errorf("%s: %q", c.name, text)
		}
	}
}

// A function gets exactly the variables that its operation names.
func TestEnvironment(t *testing.T) {
	all := map[string]string{"OTHER": "x", EndpointKMS: "x"}
	for _, op := range operations.Functions() {
		for _, name := range op.Environment {
			all[name] = "x"
		}
	}
	for _, op := range operations.Functions() {
		got := environment(op, all)
		for _, name := range op.Environment {
			if got[name] != "x" {
				t.Errorf("%s lacks %s", op.Name, name)
			}
		}
		if len(got) != len(op.Environment) {
			t.Errorf("%s is told %v", op.Name, got)
		}
	}
}
