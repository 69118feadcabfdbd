package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// world is what a verifier sees, with a count of each look.
type world struct {
	mu                           sync.Mutex
	keys                         map[keytext.ID]apikey.Key
	services                     map[apikey.API]apikey.Service
	keyReads, serviceReads, hmac int
	failKeys, failServices       error
	failDigest                   error
	// during runs in each read of a key, after the record was looked up.
	during func()
	at     time.Time
}

var (
	demoAPI = apikey.API{Account: "123456789012", ID: "demo"}
	openAPI = apikey.API{Account: "123456789012", ID: "keyward"}
	errDown = errors.New("connection refused")
)

func newWorld() *world {
	return &world{
		keys: map[keytext.ID]apikey.Key{}, at: time.Unix(1_700_000_000, 0),
		services: map[apikey.API]apikey.Service{demoAPI: {ID: "demo", Org: "acme", APIs: []apikey.API{demoAPI}, Routes: []apikey.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}},
			{Method: "GET", Path: "/v1/files"},
			{Method: "ANY", Path: "/v1/any"},
		}}},
	}
}

func (w *world) verifier(ttl time.Duration) *Verifier {
	builtin := apikey.Service{ID: "keyward", APIs: []apikey.API{openAPI}, Routes: []apikey.Route{{Method: "GET", Path: "/v1/whoami"}}}
	return New(Config{Keys: w, Services: w, Digester: w, Builtin: []apikey.Service{builtin}, CacheTTL: ttl, Now: w.now})
}

// mint stores a key of an organization and returns its text.
func (w *world) mint(t testing.TB, org apikey.OrgID, permissions ...string) keytext.Key {
	t.Helper()
	key := newKey(t)
	digest, err := w.sum(key)
	if err != nil {
		t.Fatal(err)
	}
	w.keys[key.ID()] = apikey.Key{
		ID: key.ID(), Org: org, Permissions: apikey.NewPermissions(permissions...), Digest: digest, Version: 1,
	}
	return key
}

func newKey(t testing.TB) keytext.Key {
	t.Helper()
	key, err := keytext.Generate("kw", entropy{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (w *world) revoke(id keytext.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.keys, id)
}

func (w *world) step(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(by)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) Key(_ context.Context, id keytext.ID) (apikey.Key, error) {
	w.mu.Lock()
	w.keyReads++
	key, found := w.keys[id]
	during, fail := w.during, w.failKeys
	w.mu.Unlock()
	if during != nil {
		during()
	}
	switch {
	case fail != nil:
		return apikey.Key{}, fail
	case !found:
		return apikey.Key{}, apikey.NoSuchKey()
	}
	return key, nil
}

func (w *world) Service(_ context.Context, api apikey.API) (apikey.Service, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serviceReads++
	service, found := w.services[api]
	switch {
	case w.failServices != nil:
		return apikey.Service{}, w.failServices
	case !found:
		return apikey.Service{}, &apikey.Error{Kind: apikey.NotFound}
	}
	return service, nil
}

func (w *world) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	return w.DigestWith(ctx, 1, message)
}

func (w *world) DigestWith(_ context.Context, version int, message []byte) (apikey.Digest, error) {
	w.mu.Lock()
	w.hmac++
	fail := w.failDigest
	w.mu.Unlock()
	mac := hmac.New(sha256.New, []byte("pepper"))
	mac.Write(message)
	return apikey.Digest{Pepper: version, Sum: [32]byte(mac.Sum(nil))}, fail
}

func (w *world) sum(key keytext.Key) (apikey.Digest, error) {
	return apikey.DigestOf(context.Background(), w, key)
}

// reads is how many reads there were since it was last asked.
func (w *world) reads() (keys, services int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keys, services = w.keyReads, w.serviceReads
	w.keyReads, w.serviceReads, w.hmac = 0, 0, 0
	return keys, services
}

// bearer asks to upload a file with a key.
func bearer(key keytext.Key) Request {
	return Request{Authorization: []string{"Bearer " + key.Reveal()}, API: demoAPI, Method: "POST", Route: "/v1/files"}
}

// entropy is good enough for keys of a test.
type entropy struct{}

func (entropy) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return len(p), nil
}

var _ io.Reader = entropy{}
