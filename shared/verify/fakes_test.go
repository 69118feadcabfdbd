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
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// world is everything that a verifier reads, with counts of the reads.
type world struct {
	mu       sync.Mutex
	keys     map[uuid.UUID]apikey.Key
	services map[routing.API]apikey.Service
	policies map[uuid.UUID]apikey.Policy
	users    map[uuid.UUID]apikey.User
	statuses map[apikey.OrgID]apikey.Status
	// waits counts reads, and asked the requested records by subject; claims
	// counts the reads of claims.
	waits, claims, hmac int
	asked               map[apikey.Subject]int
	// down is the error of whole reads. damaged is the error of each record of
	// a subject, and broken is one damaged record.
	down, failDigest error
	damaged          map[apikey.Subject]error
	broken           apikey.Ref
	// during is called in each read, after the records were looked up.
	during func()
	at     time.Time
}

var (
	demoAPI = routing.API{Account: "123456789012", ID: "demo"}
	openAPI = routing.API{Account: "123456789012", ID: "keyward"}
	errDown = errors.New("connection refused")

	declared = []apikey.Permission{{Name: "ManageFiles"}, {Name: "AccessQueries"}}
)

func newWorld() *world {
	return &world{
		keys: map[uuid.UUID]apikey.Key{}, at: time.Unix(1_700_000_000, 0),
		policies: map[uuid.UUID]apikey.Policy{}, users: map[uuid.UUID]apikey.User{},
		statuses: map[apikey.OrgID]apikey.Status{"acme": {Org: "acme"}, "other": {Org: "other"}},
		asked:    map[apikey.Subject]int{}, damaged: map[apikey.Subject]error{},
		services: map[routing.API]apikey.Service{demoAPI: {ID: "demo", Org: "acme", APIs: []routing.API{demoAPI}, Permissions: declared, Routes: []routing.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}},
			{Method: "GET", Path: "/v1/files"},
			{Method: "ANY", Path: "/v1/any"},
		}}},
	}
}

func (w *world) verifier(ttl time.Duration) *Verifier {
	builtin := apikey.Service{ID: "keyward", APIs: []routing.API{openAPI}, Routes: []routing.Route{{Method: "GET", Path: "/v1/whoami"}}}
	return New(Config{Reader: w, Digester: w, Builtin: func() []apikey.Service { return []apikey.Service{builtin} }, CacheTTL: ttl, Now: w.now})
}

// mint stores a key of an organization and returns its text.
func (w *world) mint(t testing.TB, org apikey.OrgID, permissions ...string) keytext.Key {
	t.Helper()
	return w.mintAs(t, apikey.Key{Org: org, Type: apikey.TypeService, Permissions: permission.NewSet(permissions...)})
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

func (w *world) revoke(id uuid.UUID) {
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

// Read implements [apikey.Reader].
func (w *world) Read(_ context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	w.mu.Lock()
	w.waits++
	found := apikey.Found{}
	for _, ref := range refs {
		w.asked[ref.Subject]++
		found[ref] = w.find(ref)
		if err := w.damaged[ref.Subject]; err != nil {
			found[ref] = apikey.Finding{Err: err}
		}
		if ref == w.broken {
			found[ref] = apikey.Finding{Err: apikey.UnavailableError("decode", errDown)}
		}
	}
	during, down := w.during, w.down
	w.mu.Unlock()
	if during != nil {
		during()
	}
	if down != nil {
		return nil, down
	}
	return found, nil
}

// find looks up one record. w.mu must be held.
func (w *world) find(ref apikey.Ref) apikey.Finding {
	switch ref.Subject {
	case apikey.SubjectKey:
		return finding(w.keys, ref.ID, ref.Subject)
	case apikey.SubjectStatus:
		return finding(w.statuses, ref.Org, ref.Subject)
	case apikey.SubjectPolicy:
		return finding(w.policies, ref.ID, ref.Subject)
	case apikey.SubjectUser:
		return finding(w.users, ref.ID, ref.Subject)
	case apikey.SubjectService:
		return finding(w.services, routing.API{Account: ref.Account, ID: ref.Service}, ref.Subject)
	}
	panic("a verifier asked for " + string(ref.Subject))
}

func finding[K comparable, V any](records map[K]V, name K, subject apikey.Subject) apikey.Finding {
	record, exists := records[name]
	if !exists {
		return apikey.Finding{Err: apikey.NoSuch(subject)}
	}
	return apikey.Finding{Record: record}
}

// UserByClaim implements [UserReader].
func (w *world) UserByClaim(_ context.Context, org apikey.OrgID, claim string) (apikey.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.claims++
	for _, err := range []error{w.down, w.damaged[apikey.SubjectUser]} {
		if err != nil {
			return apikey.User{}, err
		}
	}
	for _, user := range w.users {
		if user.Org == org && user.Claim == claim {
			return user, nil
		}
	}
	return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
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

// grants returns how many statuses, policies and users were requested.
func (w *world) grants() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[apikey.SubjectStatus] + w.asked[apikey.SubjectPolicy] + w.asked[apikey.SubjectUser]
}

// reads returns how many keys and services were requested, and resets the
// counts.
func (w *world) reads() (keys, services int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keys, services = w.asked[apikey.SubjectKey], w.asked[apikey.SubjectService]
	w.waits, w.claims, w.hmac, w.asked = 0, 0, 0, map[apikey.Subject]int{}
	return keys, services
}

// bearer returns a request to upload a file with a key.
func bearer(key keytext.Key) Request {
	return Request{Authorization: []string{"Bearer " + key.Reveal()}, API: demoAPI, Method: "POST", Route: "/v1/files"}
}

// entropy is good enough for test keys.
type entropy struct{}

func (entropy) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return len(p), nil
}

var _ io.Reader = entropy{}
