package doctor

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// keyward answers as a Keyward that knows one caller.
func keyward(t *testing.T, me map[string]any) *httptest.Server {
	t.Helper()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"info": {"title": "Keyward", "version": "1"}}`))
	})
	routes.HandleFunc("GET /v1/whoami", func(w http.ResponseWriter, _ *http.Request) {
		if me == nil {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"code": "SOURCE_NOT_ALLOWED", "status": 403}`))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(me)
	})
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server
}

// examined returns the findings that are not ok, and the exit code.
func examined(t *testing.T, p Patient) (string, int) {
	t.Helper()
	var all []Finding
	var texts []string
	p.Examine(t.Context(), func(f Finding) bool {
		all = append(all, f)
		if f.State != OK {
			texts = append(texts, string(f.State)+" "+f.Check+": "+f.Detail+"; "+f.Fix)
		}
		if strings.Contains(f.Detail+f.Fix, "\n") || f.State != OK && f.Fix == "" {
			t.Errorf("%+v is no line with a fix", f)
		}
		return true
	})
	return strings.Join(texts, "\n"), Code(all)
}

// Each fault is found, with its exit code; what depends on it is not examined.
func TestExamine(t *testing.T) {
	now := time.Now()
	holder := map[string]any{"orgId": "demo", "redactedApiKey": "kw_123456...abcdef", "permissions": []string{"VerifyApiKeys"}, "expiresOn": now.Add(24 * time.Hour)}
	whole := keyward(t, holder)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	for name, c := range map[string]struct {
		url   string
		clock time.Duration
		need  string
		told  []string
		code  int
	}{
		"well":          {url: whole.URL, told: []string{"warning expiry: the key expires on"}},
		"fast clock":    {url: whole.URL, clock: time.Hour, told: []string{"warning clock: this machine's clock is 1h0m", "ahead"}},
		"slow clock":    {url: whole.URL, clock: -2 * time.Minute, told: []string{"behind"}},
		"permission":    {url: whole.URL, need: "AdministerUsers", told: []string{"wrong permission: AdministerUsers is missing"}, code: failure.Refused},
		"address":       {url: keyward(t, nil).URL, told: []string{"wrong sign-in: the key is valid, but not from here: SOURCE_NOT_ALLOWED"}, code: failure.Refused},
		"certificate":   {url: secure.URL, told: []string{"wrong network: the certificate", "authority"}, code: failure.Outage},
		"plain as TLS":  {url: strings.Replace(whole.URL, "http:", "https:", 1), told: []string{"does not speak https"}, code: failure.Outage},
		"no host":       {url: "https://keyward.invalid", told: []string{"wrong network: "}, code: failure.Outage},
		"part of it":    {url: whole.URL + "/console", told: []string{"wrong url: ", "without /console"}, code: failure.Usage},
		"wrong path":    {url: whole.URL + "/dev", told: []string{"wrong keyward: there is no Keyward", "check the path /dev"}, code: failure.Outage},
		"not an URL":    {url: "keyward", told: []string{"wrong url: "}, code: failure.Usage},
		"nothing there": {url: "http://127.0.0.1:9", told: []string{"nothing listens"}, code: failure.Outage},
	} {
		t.Run(name, func(t *testing.T) {
			p := Patient{URL: c.url, Now: func() time.Time { return time.Now().Add(c.clock) }}
			if c.need != "" {
				p.Permissions = []string{c.need}
			}
			var err error
			if p.Client, err = client.New(c.url, client.NewSecret("token"), client.WithRetries(0)); err != nil {
				p.CredentialError = err
			}
			told, code := examined(t, p)
			for _, part := range c.told {
				if !strings.Contains(told, part) {
					t.Errorf("told %q, want %q", told, part)
				}
			}
			if code != c.code {
				t.Errorf("code %d, want %d: %s", code, c.code, told)
			}
		})
	}
}

// A key that is not whole is told apart, without its text.
func TestMisshapenKeys(t *testing.T) {
	for text, want := range map[string]string{
		"nounderscore": "no prefix", "kw_short": "5 characters instead of 66", "kw_" + strings.Repeat("a", 66): "checksum",
	} {
		told, code := examined(t, Patient{URL: keyward(t, nil).URL, Key: client.NewSecret(text), Now: time.Now})
		if !strings.Contains(told, want) || code != failure.SignIn || strings.Contains(told, text) {
			t.Errorf("%q: code %d", told, code)
		}
	}
}

// A proxy that does not answer is told apart from the API behind it, and what the
// setting of the proxy has in it is not shown.
func TestProxy(t *testing.T) {
	refused := &net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}
	for err, want := range map[error]string{
		error(refused): "the proxy for keys.example.com cannot be reached",
		errors.New(`invalid proxy address "http://user:secret@proxy"`): "keys.example.com cannot be reached",
	} {
		detail, fix := Unreachable(&url.Error{Op: "Get", URL: "https://keys.example.com/v1/whoami", Err: err})
		if detail != want || !strings.Contains(fix, "HTTPS_PROXY") || strings.Contains(detail+fix, "secret") {
			t.Errorf("%s: %s", detail, fix)
		}
	}
}
