package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

const (
	keys         = "/v1/apikeys"
	policies     = "/v1/policies"
	users        = "/v1/users"
	organization = "/v1/organization"
)

// running is the stack that replaces a deployment.
var running *stacktest.Stack

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	s, err := stacktest.Start(stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		return 1
	}
	defer s.Stop()
	running = s
	return s.Run(m)
}

// left returns what a run has left behind.
func left(t *testing.T) string {
	t.Helper()
	admin := running.Admin()
	var all []string
	for _, list := range []string{keys, policies, users, "/v1/services"} {
		body := string(admin.Do(t, http.MethodGet, list+"?limit=100", "").Want(t, http.StatusOK).Body)
		all = append(all, regexp.MustCompile(`smoke-[a-z0-9]+`).FindAllString(body, -1)...)
	}
	return strings.Join(all, " ")
}

// secret matches the text of a key.
var secret = regexp.MustCompile(`kw_[0-9A-Za-z]{30}`)

// A run against a good deployment succeeds, prints one line per step, shows no
// key and leaves nothing behind.
func TestSmoke(t *testing.T) {
	var out bytes.Buffer
	if err := try(t.Context(), running.URL+"/", running.AdminKey+"\n", &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != len(steps)+2 || strings.Contains(out.String(), "failed") || strings.Contains(out.String(), errNotHere.Error()) || secret.MatchString(out.String()) {
		t.Errorf("%d lines:\n%s", lines, out.String())
	}
	if found := left(t); found != "" {
		t.Errorf("left behind: %s", found)
	}
}

// If recoverable keys are not allowed, none is revealed.
func TestSmokeWithoutCopies(t *testing.T) {
	admin := running.Admin()
	admin.Do(t, http.MethodPatch, organization, `{"recoverable": false}`).Want(t, http.StatusOK)
	defer admin.Do(t, http.MethodPatch, organization, `{"recoverable": true}`)
	var out bytes.Buffer
	if err := try(t.Context(), running.URL, running.AdminKey, &out); err != nil || !strings.Contains(out.String(), "reveal a key ... "+errNotHere.Error()) {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// faulty starts a proxy in front of the stack that loses the answer to one request:
// the request is executed, but answered with 500.
func faulty(t *testing.T) (target string, number, lose *atomic.Int32) {
	t.Helper()
	number, lose = &atomic.Int32{}, &atomic.Int32{}
	behind, err := url.Parse(running.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ModifyResponse = func(response *http.Response) error {
		if number.Add(1) == lose.Load() {
			response.StatusCode = http.StatusInternalServerError
			response.Body = io.NopCloser(strings.NewReader(`{"detail":"lost","requestId":"r-1"}`))
			response.ContentLength = -1
			response.Header.Del("Content-Length")
			response.Header.Del("Content-Encoding")
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL, number, lose
}

// Whichever answer is lost, the run leaves nothing behind and ends with one line
// that names the step and the function. A lost answer during the cleanup is
// retried instead.
func TestSmokeFailsMidway(t *testing.T) {
	target, number, lose := faulty(t)
	failed := 0
	for n := int32(1); ; n++ {
		number.Store(0)
		lose.Store(n)
		var out bytes.Buffer
		err := try(t.Context(), target, running.AdminKey, &out)
		if number.Load() < n {
			break // no such request
		}
		said := fmt.Sprint(err)
		told := !strings.Contains(said, "\n") && strings.Contains(said, "look at the log of the function keyward-") && strings.Count(out.String(), "failed") == 1
		if err != nil && !told || secret.MatchString(said+out.String()) {
			t.Errorf("request %d: %v\n%s", n, err, out.String())
		}
		if err != nil {
			failed++
		}
		if found := left(t); found != "" {
			t.Errorf("request %d: left behind: %s", n, found)
		}
	}
	if failed < len(steps) {
		t.Errorf("only %d runs failed", failed)
	}
}

// Against a deployment that does not filter its lists, the run fails, and removes no
// key that it has not made.
func TestSmokeRemovesOnlyItsOwn(t *testing.T) {
	behind, err := url.Parse(running.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	var removed atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, keys+"/") && removed.Add(1) > keyCount {
			http.Error(w, "a foreign key", http.StatusNotFound)
			return
		}
		query := r.URL.Query()
		query.Del("name")
		r.URL.RawQuery = query.Encode()
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	admin := running.Admin()
	admin.Do(t, http.MethodPost, keys, `{"name":"Foreign","permissions":[]}`).Want(t, http.StatusCreated)
	var out bytes.Buffer
	if err := try(t.Context(), server.URL, running.AdminKey, &out); err == nil || !strings.Contains(err.Error(), "does not show a key that was made") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if n := removed.Load(); n > keyCount {
		t.Errorf("%d keys removed", n)
	}
	if found := left(t); found != "" {
		t.Errorf("left behind: %s", found)
	}
}

// A wrong address or key gives one line. Nothing was created, so nothing is
// removed.
func TestSmokeBeginsNothing(t *testing.T) {
	for _, c := range []struct{ target, key, want string }{
		{"http://127.0.0.1:1", running.AdminKey, "is URL the output ApiUrl"},
		{running.URL, "kw_0", "give a key of this deployment"},
	} {
		var out bytes.Buffer
		err := try(t.Context(), c.target, c.key, &out)
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), c.want) || strings.Contains(out.String(), "leave nothing") {
			t.Errorf("%v\n%s", err, out.String())
		}
	}
}

// An interrupted run removes what it has created before it ends. No process list
// shows the key.
func TestSmokeInterrupted(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "smoke")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	command := exec.CommandContext(t.Context(), binary)
	command.Env = append(os.Environ(), "URL="+running.URL, "KEY="+running.AdminKey)
	var out, faults bytes.Buffer
	command.Stderr = &faults
	command.Stdout = writer(func(text []byte) {
		out.Write(text)
		if bytes.Contains(text, []byte("with the policy")) {
			listed, err := exec.CommandContext(t.Context(), "ps", "-o", "args=", "-p", fmt.Sprint(command.Process.Pid)).Output()
			if err != nil || !bytes.Contains(listed, []byte(binary)) || secret.Match(listed) {
				t.Errorf("ps: %v %s", err, listed)
			}
			if err := command.Process.Signal(syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
	})
	err := command.Run()
	if err == nil || !strings.HasPrefix(faults.String(), "keyward: interrupted before: ") || strings.Count(faults.String(), "\n") != 1 {
		t.Errorf("%v\n%s%s", err, out.String(), faults.String())
	}
	if found := left(t); found != "" {
		t.Errorf("left behind: %s\n%s", found, out.String())
	}
}

type writer func([]byte)

func (w writer) Write(text []byte) (int, error) {
	w(text)
	return len(text), nil
}

// A key on make's command line is refused, because process lists show it. A run
// without an address or key is refused too.
func TestMakeRefuses(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"KEY=kw_0"}, "read -rs KEY"},
		{[]string{"KEYWARD_API_KEY=kw_0"}, "read -rs KEY"},
		{[]string{"URL=https://example.com"}, "set KEY and URL"},
	} {
		command := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory", "smoke"}, c.arguments...)...)
		command.Dir, command.Env = "../..", append(os.Environ(), "URL=", "KEY=", "KEYWARD_URL=", "KEYWARD_API_KEY=", "MAKEFLAGS=")
		said, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(said), c.want) {
			t.Errorf("%v: %v\n%s", c.arguments, err, said)
		}
	}
}

// Each kind of refusal has its own advice, in one line.
func TestAdvice(t *testing.T) {
	var status int
	var contentType string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "https://example.com")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"code":"A_CODE","detail":"said","requestId":"r-1"}`)
	}))
	defer server.Close()
	const problem, other = "application/problem+json", "application/json"
	client, err := newClient(server.URL, "k")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status            int
		contentType, want string
	}{
		{401, problem, "give a key of this deployment"},
		{403, problem, "give a key with all of Keyward's permissions"},
		{403, other, "is URL the output ApiUrl"},
		{404, other, "is URL the output ApiUrl"},
		{302, other, "is URL the output ApiUrl"},
		{429, problem, "wait a minute"},
		{500, problem, "the log of the function keyward-whoami; infra/RUNBOOK.md"},
		{503, problem, "the log of the function keyward-authorizer, then of keyward-whoami; infra/RUNBOOK.md"},
		{400, problem, "said (request r-1)"},
	} {
		status, contentType = c.status, c.contentType
		_, err := client.Whoami(context.Background())
		err = advise("whoami", err)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), fmt.Sprintf("GET /v1/whoami answered %d", c.status)) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d %s: %v", c.status, c.contentType, err)
		}
	}
}

// A key is never sent over an unencrypted connection, except to this machine.
func TestAddresses(t *testing.T) {
	for target, good := range map[string]bool{
		"https://abc.execute-api.eu-west-1.amazonaws.com/live": true, "http://127.0.0.1:3000": true, "http://localhost:3000": true, "http://[::1]:3000": true,
		"http://abc.execute-api.eu-west-1.amazonaws.com/live": false, "http://localhost.example.com": false, "ftp://localhost": false,
		"example.com": false, "https://": false, "https://a:b@example.com": false, "https://example.com/live?x": false, "": false,
	} {
		if _, err := newClient(target, "k"); (err == nil) != good {
			t.Errorf("%s: %v", target, err)
		}
	}
}
