package guard_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/guard"
	"github.com/keyward/keyward/shared/client/wire"
	"github.com/keyward/keyward/shared/keytext"
)

// keyward is a fake of POST /v1/verify, as a transport.
type keyward struct {
	mu sync.Mutex
	// verify answers a question; by default every key is valid.
	verify func(wire.VerifyBody) (status int, answer any)
	// wait makes the caller wait for an answer.
	wait  func(context.Context) error
	asked []wire.VerifyBody
}

func (k *keyward) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var body wire.VerifyBody
	if err := json.Unmarshal(text, &body); err != nil {
		return nil, err
	}
	k.mu.Lock()
	k.asked = append(k.asked, body)
	verify, wait := k.verify, k.wait
	k.mu.Unlock()
	if wait != nil {
		if err := wait(r.Context()); err != nil {
			return nil, err
		}
	}
	if verify == nil {
		verify = valid
	}
	status, answer := verify(body)
	kind := "application/json"
	if status >= 400 {
		kind = "application/problem+json"
	}
	text, err = json.Marshal(answer)
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(text)), Request: r}, err
}

func (k *keyward) set(verify func(wire.VerifyBody) (int, any)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.verify = verify
}

func (k *keyward) calls() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.asked)
}

const keyID = "94d470ba-700e-4034-ad17-4326aa3493a2"

// valid answers that a key may do everything.
func valid(wire.VerifyBody) (int, any) {
	return 200, wire.Verification{
		Valid: true, KeyID: keyID, OrgID: "demo", Type: client.KeyTypeService, Permissions: []string{"A", "B"}, TTLSeconds: 300,
	}
}

// refused answers that a key may not, and why.
func refused(code string) func(wire.VerifyBody) (int, any) {
	return func(wire.VerifyBody) (int, any) { return 200, wire.Verification{Code: code} }
}

// problem answers with an error.
func problem(status int, code string) func(wire.VerifyBody) (int, any) {
	return func(wire.VerifyBody) (int, any) { return status, wire.Problem{Status: status, Code: code, Detail: "d"} }
}

// newKey returns the text of a new key.
func newKey(t testing.TB) string {
	t.Helper()
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key.Reveal()
}

// newGuard returns a guard that asks the fake.
func newGuard(t testing.TB, k *keyward, config guard.Config) *guard.Guard {
	t.Helper()
	c, err := client.New("http://localhost", client.NewSecret(newKey(t)), client.WithHTTPClient(&http.Client{Transport: k}))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(c, config)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// reached answers 200 with the Authorization that it got.
var reached = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "reached "+r.Header.Get("Authorization"))
})

// call sends a request with an Authorization header through a handler.
func call(h http.Handler, authorization ...string) *httptest.ResponseRecorder {
	return send(h, "GET", "/files", authorization...)
}

func send(h http.Handler, method, target string, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for _, value := range authorization {
		r.Header.Add("Authorization", value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
