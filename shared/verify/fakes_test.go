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
	policies                     map[keytext.ID]apikey.Policy
	users                        map[keytext.ID]apikey.User
	organizations                map[apikey.OrgID]apikey.Organization
	keyReads, serviceReads, hmac int
	// grantReads counts reads of policies, users and organizations.
	grantReads             int
	failKeys, failServices error
	failDigest, failGrants error
	// during runs in each read of a key or of what it depends on, after the
	// record was looked up.
	during func()
	at     time.Time
}

var (
	demoAPI = apikey.API{Account: "123456789012", ID: "demo"}
	openAPI = apikey.API{Account: "123456789012", ID: "keyward"}
	errDown = errors.New("connection refused")

	declared = []apikey.Permission{{Name: "ManageFiles"}, {Name: "AccessQueries"}}
)

func newWorld() *world {
	return &world{
		keys: map[keytext.ID]apikey.Key{}, at: time.Unix(1_700_000_000, 0),
		policies: map[keytext.ID]apikey.Policy{}, users: map[keytext.ID]apikey.User{},
		organizations: map[apikey.OrgID]apikey.Organization{"acme": {ID: "acme", Declared: declared}, "other": {ID: "other"}},
		services: map[apikey.API]apikey.Service{demoAPI: {ID: "demo", Org: "acme", APIs: []apikey.API{demoAPI}, Permissions: declared, Routes: []apikey.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}},
			{Method: "GET", Path: "/v1/files"},
			{Method: "ANY", Path: "/v1/any"},
		}}},
	}
}

func (w *world) verifier(ttl time.Duration) *Verifier {
	builtin := apikey.Service{ID: "keyward", APIs: []apikey.API{openAPI}, Routes: []apikey.Route{{Method: "GET", Path: "/v1/whoami"}}}
	return New(Config{Keys: w, Services: w, Grants: w, Digester: w, Builtin: []apikey.Service{builtin}, CacheTTL: ttl, Now: w.now})
}

// mint stores a key of an organization and returns its text.
func (w *world) mint(t testing.TB, org apikey.OrgID, permissions ...string) keytext.Key {
	t.Helper()
	return w.mintAs(t, apikey.Key{Org: org, Type: apikey.TypeService, Permissions: apikey.NewPermissions(permissions...)})
}

// mintAs stores a key like record and returns its text.
func (w *world) mintAs(t testing.TB, record apikey.Key) keytext.Key {
	t.Helper()
	key := newKey(t)
	digest, err := w.sum(key)
	if err != nil {
		t.Fatal(err)
	}
	record.ID, record.Digest, record.Version = key.ID(), digest, 1
	w.keys[key.ID()] = record
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
	return look(w, w.keys, id, &w.keyReads, &w.failKeys, apikey.SubjectKey)
}

func (w *world) Policy(_ context.Context, _ apikey.OrgID, id keytext.ID) (apikey.Policy, error) {
	return look(w, w.policies, id, &w.grantReads, &w.failGrants, apikey.SubjectPolicy)
}

func (w *world) User(_ context.Context, _ apikey.OrgID, id keytext.ID) (apikey.User, error) {
	return look(w, w.users, id, &w.grantReads, &w.failGrants, apikey.SubjectUser)
}

func (w *world) Organization(_ context.Context, id apikey.OrgID) (apikey.Organization, error) {
	return look(w, w.organizations, id, &w.grantReads, &w.failGrants, apikey.SubjectOrganization)
}

func (w *world) Suspended(ctx context.Context, id apikey.OrgID) (bool, error) {
	org, err := w.Organization(ctx, id)
	return org.Suspended, err
}

func (w *world) UserByClaim(_ context.Context, org apikey.OrgID, claim string) (apikey.User, error) {
	byClaim := map[string]apikey.User{}
	w.mu.Lock()
	for _, user := range w.users {
		if user.Org == org {
			byClaim[user.Claim] = user
		}
	}
	w.mu.Unlock()
	return look(w, byClaim, claim, &w.grantReads, &w.failGrants, apikey.SubjectUser)
}

// look is a read of one record.
func look[K comparable, V any](w *world, records map[K]V, name K, reads *int, fail *error, subject apikey.Subject) (V, error) {
	w.mu.Lock()
	*reads++
	record, found := records[name]
	during, failure := w.during, *fail
	w.mu.Unlock()
	if during != nil {
		during()
	}
	var none V
	switch {
	case failure != nil:
		return none, failure
	case !found:
		return none, apikey.NoSuch(subject)
	}
	return record, nil
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

// reads is how many reads of keys and services there were since it was last
// asked.
func (w *world) reads() (keys, services int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keys, services = w.keyReads, w.serviceReads
	w.keyReads, w.serviceReads, w.hmac, w.grantReads = 0, 0, 0, 0
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
