package clients

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/child"
	"github.com/keyward/keyward/infra/proof/stacktest"
)

// proxy is a tool in front of a service, as its example configures it.
type proxy struct {
	t    *testing.T
	url  string
	kept func() string
	seen *witness
}

// witness keeps the headers of the requests that reached the guarded service.
type witness struct {
	mu      sync.Mutex
	headers []http.Header
}

func (w *witness) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers = append(w.headers, r.Header)
}

// take returns what came since it was last called.
func (w *witness) take() []http.Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.headers
	w.headers = nil
	return taken
}

// outlet is a writer for a process, which a test may read at the same time.
type outlet struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *outlet) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns what was written so far.
func (o *outlet) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// example returns a file of the examples, with the values of this test.
func example(t *testing.T, name string, values ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../functions/introspect", name))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(values); i += 2 {
		if !strings.Contains(string(text), values[i]) {
			t.Fatalf("%s does not contain %q", name, values[i])
		}
	}
	return strings.NewReplacer(values...).Replace(string(text))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// free returns an address of this machine that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// service starts the guarded service, and returns its address.
func service(t *testing.T) (string, *witness) {
	seen := new(witness)
	server := httptest.NewServer(seen)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), seen
}

// start runs a tool until the test ends, and returns when it answers.
func start(t *testing.T, address string, seen *witness, logs string, command ...string) *proxy {
	t.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		t.Fatalf("%s is missing: run make introspectors", command[0])
	}
	said := new(outlet)
	process := exec.Command(path, command[1:]...)
	process.Stdout, process.Stderr, process.SysProcAttr = said, said, child.Attributes()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = await.Next(t, "the end of "+command[0], ended)
	})
	p := &proxy{t: t, url: "http://" + address, seen: seen, kept: func() string {
		all := said.String()
		_ = filepath.WalkDir(logs, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && !strings.HasSuffix(path, ".conf") {
				text, _ := os.ReadFile(path)
				all += string(text)
			}
			return nil
		})
		return all
	}}
	await.Until(t, command[0]+" listens", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		} else if len(ended) > 0 {
			t.Fatalf("%s has ended: %s", command[0], said)
		}
		return err == nil
	})
	return p
}

// answer returns the answer to a request with these Authorization headers.
func (p *proxy) answer(authorizations ...string) *http.Response {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/files/1", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header["Authorization"] = authorizations
	request.Header.Set("Keyward-Key-Id", "forged")
	request.Header.Set("Keyward-Subject", "forged")
	response, err := (&http.Client{Timeout: await.Limit}).Do(request)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, redacted(p.kept()))
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response
}

// want fails the test unless a request gets the status, and reaches the service
// only with 200.
func (p *proxy) want(status int, what string, authorizations ...string) (*http.Response, []http.Header) {
	p.t.Helper()
	response := p.answer(authorizations...)
	if response.StatusCode != status {
		p.t.Errorf("%s: %d, want %d\n%s", what, response.StatusCode, status, redacted(p.kept()))
	}
	if challenge := response.Header.Get("WWW-Authenticate"); status == http.StatusUnauthorized && !strings.HasPrefix(challenge, "Bearer") {
		p.t.Errorf("%s: WWW-Authenticate %q", what, challenge)
	}
	seen := p.seen.take()
	if (len(seen) != 0) != (status == http.StatusOK) {
		p.t.Errorf("%s: the service saw %d requests", what, len(seen))
	}
	return response, seen
}

var keyText = regexp.MustCompile(`kw_[0-9A-Za-z]{20,}`)

func redacted(text string) string { return keyText.ReplaceAllString(text, "KEY") }

// starter starts a tool that asks the Keyward at a URL with a key of its own.
type starter func(t *testing.T, keyward, key string) *proxy

// nginx starts NGINX with the example's configuration. Files that Debian's places
// are named for get places in the test's folder.
func nginx(t *testing.T, keyward, key string) *proxy {
	dir, address := t.TempDir(), free(t)
	upstream, seen := service(t)
	write(t, filepath.Join(dir, "introspect.js"), example(t, "nginx/introspect.js"))
	write(t, filepath.Join(dir, "key.conf"), "proxy_set_header Authorization \"Bearer "+key+"\";\n")
	var places strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&places, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	write(t, filepath.Join(dir, "nginx.conf"), example(t, "nginx/nginx.conf",
		"/etc/nginx/keyward", dir, "/var/cache/nginx/keyward", filepath.Join(dir, "cache"), "https://keyward.example.com", keyward,
		"127.0.0.1:8080", address, "127.0.0.1:9000", upstream, "http {\n", "http {\naccess_log "+filepath.Join(dir, "access.log")+";\n"+places.String()))
	return start(t, address, seen, dir, "nginx", "-c", filepath.Join(dir, "nginx.conf"),
		"-g", "daemon off; master_process off; error_log stderr; pid "+filepath.Join(dir, "pid")+";")
}

// apache starts Apache with the example's configuration.
func apache(t *testing.T, keyward, key string) *proxy {
	dir, address := t.TempDir(), free(t)
	upstream, seen := service(t)
	write(t, filepath.Join(dir, "key.conf"), "Define KEYWARD_API_KEY "+key+"\n")
	write(t, filepath.Join(dir, "keyward.conf"), example(t, "apache/keyward.conf",
		"/etc/apache2/keyward", dir, "https://keyward.example.com", keyward, "127.0.0.1:8080", address, "127.0.0.1:9000", upstream))
	main := fmt.Sprintf("ServerName localhost\nListen %s\nPidFile %s/pid\nErrorLog /dev/stderr\nDefaultRuntimeDir %[2]s\nMutex default:%[2]s\nUser daemon\nGroup daemon\n", address, dir)
	for _, module := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "headers", "oauth2"} {
		main += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", module)
	}
	write(t, filepath.Join(dir, "main.conf"), main+"Include "+filepath.Join(dir, "keyward.conf")+"\n")
	return start(t, address, seen, dir, "apache2", "-f", filepath.Join(dir, "main.conf"), "-DFOREGROUND")
}

// introspector makes a key with which a tool may ask.
func introspector(t *testing.T, tool string) string {
	t.Helper()
	return running.Admin().Create(t, tool+" asks", "VerifyApiKeys").APIKey
}

// NGINX and Apache, as the examples configure them, let a key through that can be
// used and holds the permission, and tell the service whose it is, but not the key.
// They refuse every other, and within the stated time one that was deleted.
func TestIntrospectionExamples(t *testing.T) {
	for name, begin := range map[string]starter{"nginx": nginx, "apache": apache} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := begin(t, running.URL, introspector(t, name))
			admin := running.Admin()
			key := admin.Create(t, name+" may", "ViewTables", "ManageFiles")
			other := admin.Create(t, name+" may not", "ManageFiles")
			bearer := "Bearer " + key.APIKey
			_, told := p.want(http.StatusOK, "a key with the permission", bearer)
			if len(told) != 1 {
				t.Fatalf("the service saw %d requests", len(told))
			}
			if ids, subjects := told[0]["Keyward-Key-Id"], told[0]["Keyward-Subject"]; len(ids) != 1 || ids[0] != key.ID || len(subjects) != 1 || subjects[0] == "forged" {
				t.Errorf("the service was told %v and %v", ids, subjects)
			}
			if keyText.MatchString(fmt.Sprint(told)) {
				t.Error("the service was told the key")
			}
			p.want(http.StatusForbidden, "a key without the permission", "Bearer "+other.APIKey)
			p.want(http.StatusUnauthorized, "no key")
			p.want(http.StatusUnauthorized, "junk", "Bearer junk")
			p.want(http.StatusUnauthorized, "an altered key", bearer+"x")
			p.deleted(admin, key)
			if keyText.MatchString(p.kept()) {
				t.Error("a log or a cache has a key")
			}
		})
	}
}

// kept is how long the tools use an answer, and recordsKept how long this stack's
// Keyward uses its records.
const kept, recordsKept = 5 * time.Second, time.Second

// deleted deletes a key that was just used, and sees it refused in time.
func (p *proxy) deleted(admin stacktest.Client, key stacktest.Key) {
	p.t.Helper()
	admin.Delete(p.t, key.ID)
	gone := time.Now()
	await.Until(p.t, "the key is refused", func() bool {
		began := time.Now()
		status := p.answer("Bearer " + key.APIKey).StatusCode
		if late := began.Sub(gone); status == http.StatusOK && late > kept+recordsKept {
			p.t.Errorf("allowed %s after the deletion", late)
		}
		return status == http.StatusUnauthorized
	})
}

// While Keyward cannot be asked, nobody gets through. NGINX says so with 503;
// mod_oauth2 knows no answer but 401.
func TestIntrospectionExamplesOutage(t *testing.T) {
	key := running.Admin().Create(t, "during an outage", "ViewTables", "VerifyApiKeys")
	down := "http://" + free(t)
	said := map[string]string{
		"Bearer 500": "", "Bearer text": "text", "Bearer nothing": "{}", "Bearer string": `{"active":"true","scope":"ViewTables"}`, "Bearer null": "null",
	}
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := said["Bearer "+r.PostFormValue("token")]
		if text == "" {
			w.WriteHeader(http.StatusInternalServerError)
			text = `{"active":true,"scope":"ViewTables","client_id":"a","sub":"b"}`
		}
		_, _ = io.WriteString(w, text)
	}))
	defer odd.Close()
	for name, begin := range map[string]starter{"nginx": nginx, "apache": apache} {
		status := map[string]int{"nginx": http.StatusServiceUnavailable, "apache": http.StatusUnauthorized}[name]
		for what, p := range map[string]*proxy{"down": begin(t, down, key.APIKey), "a wrong key of the tool": begin(t, running.URL, "junk")} {
			response, _ := p.want(status, name+", "+what, "Bearer "+key.APIKey)
			if status == http.StatusServiceUnavailable && response.Header.Get("Retry-After") == "" {
				t.Errorf("%s, %s: no Retry-After", name, what)
			}
		}
	}
	p := nginx(t, odd.URL, key.APIKey)
	for token := range said {
		p.want(http.StatusServiceUnavailable, token, token)
	}
	p = nginx(t, running.URL, key.APIKey)
	p.want(http.StatusBadRequest, "two keys", "Bearer "+key.APIKey, "Bearer "+key.APIKey)
}
