package github_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/github"
	"github.com/keyward/keyward/shared/operations"
)

// published is GitHub's endpoint: it counts requests and answers with status
// and text, after delay.
type published struct {
	requests atomic.Int64
	status   int
	text     string
	delay    time.Duration
}

func (p *published) RoundTrip(request *http.Request) (*http.Response, error) {
	p.requests.Add(1)
	select {
	case <-time.After(p.delay):
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	if p.status == 0 {
		return nil, errors.New("no connection")
	}
	if request.Header.Get("User-Agent") == "" {
		return nil, errors.New("GitHub refuses requests without a user agent")
	}
	return &http.Response{StatusCode: p.status, Header: http.Header{"Location": {"https://example.com/"}}, Body: io.NopCloser(strings.NewReader(p.text)), Request: request}, nil
}

// pair is a key of GitHub's and its published form.
func pair(t *testing.T, curve elliptic.Curve, id string) (*ecdsa.PrivateKey, map[string]any) {
	t.Helper()
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private, form(t, id, &private.PublicKey)
}

func form(t *testing.T, id string, public any) map[string]any {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"key_identifier": id, "key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "is_current": true}
}

func document(t *testing.T, keys ...map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"public_keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sign signs body.
func sign(t *testing.T, key *ecdsa.PrivateKey) string {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	raw, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

const body = `[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]`

// A signature of the very body by a published key is accepted. Anything else is
// refused, and the error names the header.
func TestCheck(t *testing.T) {
	private, key := pair(t, elliptic.P256(), "a")
	other, another := pair(t, elliptic.P256(), "b")
	large, larger := pair(t, elliptic.P384(), "large")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &published{status: 200, text: document(t, larger, form(t, "rsa", &rsaKey.PublicKey), map[string]any{"key_identifier": "junk", "key": "x"}, key, another)}
	c := github.New("https://example.com", p, time.Now)
	good := sign(t, private)
	if err := c.Check(t.Context(), "a", good, []byte(body)); err != nil {
		t.Errorf("a good signature: %v", err)
	}
	for what, try := range map[string]struct{ id, signature, body, field string }{
		"no identifier":       {"", good, body, operations.GitHubIdentifierHeader},
		"no signature":        {"a", "", body, operations.GitHubSignatureHeader},
		"unknown identifier":  {"c", good, body, operations.GitHubIdentifierHeader},
		"another body":        {"a", good, body + " ", operations.GitHubSignatureHeader},
		"no body":             {"a", good, "", operations.GitHubSignatureHeader},
		"another key":         {"a", sign(t, other), body, operations.GitHubSignatureHeader},
		"the wrong key":       {"b", good, body, operations.GitHubSignatureHeader},
		"another curve":       {"large", sign(t, large), body, operations.GitHubIdentifierHeader},
		"RSA":                 {"rsa", good, body, operations.GitHubIdentifierHeader},
		"a damaged key":       {"junk", good, body, operations.GitHubIdentifierHeader},
		"not base64":          {"a", "!", body, operations.GitHubSignatureHeader},
		"with a line break":   {"a", good[:4] + "\n" + good[4:], body, operations.GitHubSignatureHeader},
		"no signature's form": {"a", "AAAA", body, operations.GitHubSignatureHeader},
	} {
		if got := field(c.Check(t.Context(), try.id, try.signature, []byte(try.body))); got != try.field {
			t.Errorf("%s: the error names %q", what, got)
		}
	}
	if n := p.requests.Load(); n != 1 {
		t.Errorf("%d requests: unknown identifiers ask at most once a minute", n)
	}
}

// field returns the header that an error names; empty if it is no fault of the
// reporter.
func field(err error) string {
	if e, ok := errors.AsType[*apikey.Error](err); ok && e.Kind == apikey.Invalid {
		return e.Fields[0].Field
	}
	return ""
}

// The keys are fetched once for all who need them, and again for an unknown
// identifier, at most once a minute, so that new keys are found.
func TestKeysAreCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		private, key := pair(t, elliptic.P256(), "a")
		next, later := pair(t, elliptic.P256(), "b")
		p := &published{status: 200, text: document(t, key), delay: time.Second}
		c := github.New("https://example.com", p, time.Now)
		good, newer := sign(t, private), sign(t, next)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := c.Check(t.Context(), "a", good, []byte(body)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		p.text = document(t, key, later)
		if err := c.Check(t.Context(), "b", newer, []byte(body)); field(err) != operations.GitHubIdentifierHeader || p.requests.Load() != 1 {
			t.Errorf("%v after %d requests", err, p.requests.Load())
		}
		time.Sleep(time.Minute)
		if err := c.Check(t.Context(), "b", newer, []byte(body)); err != nil || p.requests.Load() != 2 {
			t.Errorf("%v after %d requests", err, p.requests.Load())
		}
	})
}

// Without keys there is no decision, and the error says when to try again. Keys
// that are known still serve for a day.
func TestKeysAreUnavailable(t *testing.T) {
	private, key := pair(t, elliptic.P256(), "a")
	good, whole := sign(t, private), document(t, key)
	for what, broken := range map[string]*published{
		"no connection": {}, "status": {status: 500, text: whole}, "redirect": {status: 302, text: whole}, "no JSON": {status: 200, text: "<html>"},
		"no keys": {status: 200, text: "{}"}, "too large": {status: 200, text: whole + strings.Repeat(" ", 64<<10)}, "slow": {status: 200, text: whole, delay: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := github.New("https://example.com", broken, time.Now)
			began := time.Now()
			for range 3 {
				err := c.Check(t.Context(), "a", good, []byte(body))
				if e, ok := errors.AsType[*apikey.Error](err); !ok || e.Kind != apikey.Unavailable || e.RetryAfter < time.Second {
					t.Errorf("%s: %v", what, err)
				}
			}
			if n, took := broken.requests.Load(), time.Since(began); n != 1 || took > 5*time.Second {
				t.Errorf("%s: %d requests in %s", what, n, took)
			}
			status, text, delay := broken.status, broken.text, broken.delay
			broken.status, broken.text, broken.delay = 200, whole, 0
			time.Sleep(time.Minute)
			if err := c.Check(t.Context(), "a", good, []byte(body)); err != nil {
				t.Errorf("%s, mended: %v", what, err)
			}
			broken.status, broken.text, broken.delay = status, text, delay
			time.Sleep(2 * time.Hour)
			if err := c.Check(t.Context(), "a", good, []byte(body)); err != nil {
				t.Errorf("%s, with known keys: %v", what, err)
			}
			time.Sleep(24 * time.Hour)
			if err := c.Check(t.Context(), "a", good, []byte(body)); apikey.KindOf(err) != apikey.Unavailable {
				t.Errorf("%s, with old keys: %v", what, err)
			}
		})
	}
}
