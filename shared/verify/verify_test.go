package verify

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

func decide(t testing.TB, v *Verifier, r Request) Decision {
	t.Helper()
	d, err := v.Decide(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantReads(t testing.TB, w *world, keys, services int) {
	t.Helper()
	if k, s := w.reads(); k != keys || s != services {
		t.Errorf("%d key and %d service reads, want %d and %d", k, s, keys, services)
	}
}

// A valid key with the permission is allowed, and the decision says whose it is
// and which route it opened.
func TestAllowed(t *testing.T) {
	w := newWorld()
	key := w.mint(t, "acme", "ManageFiles", "AccessQueries")
	d := decide(t, w.verifier(0), bearer(key))
	if d.Outcome != Allowed || d.Code != "" || d.Template != "/v1/files" {
		t.Fatalf("got %+v", d)
	}
	if i := d.Identity; i.Org != "acme" || i.KeyID != key.ID() || i.KeyType != "service" || !i.UserID.IsZero() ||
		strings.Join(i.Permissions, " ") != "AccessQueries ManageFiles" {
		t.Errorf("identity %+v", i)
	}
}

// A valid key is refused, with the reason, wherever it may not go. This costs
// the reads of a valid key.
func TestForbidden(t *testing.T) {
	for name, test := range map[string]struct {
		org      apikey.OrgID
		change   func(*Request)
		code     Code
		services int
	}{
		"unregistered API":      {"acme", func(r *Request) { r.API.ID = "stranger" }, ServiceNotRegistered, 1},
		"API of another acount": {"acme", func(r *Request) { r.API.Account = "999999999999" }, ServiceNotRegistered, 1},
		"no API":                {"acme", func(r *Request) { r.API = routing.API{} }, ServiceNotRegistered, 1},
		"another organization":  {"other", func(*Request) {}, OrganizationNotServed, 1},
		"unregistered route":    {"acme", func(r *Request) { r.Route = "/v1/secrets" }, RouteNotRegistered, 1},
		"unregistered method":   {"acme", func(r *Request) { r.Method = "DELETE" }, RouteNotRegistered, 1},
		"no method":             {"acme", func(r *Request) { r.Method = "" }, RouteNotRegistered, 1},
		"method in lower case":  {"acme", func(r *Request) { r.Method = "post" }, RouteNotRegistered, 1},
		"no route":              {"acme", func(r *Request) { r.Route = "" }, RouteNotRegistered, 1},
		"permission missing":    {"acme", func(*Request) {}, PermissionMissing, 1},
		"builtin, its route":    {"acme", func(r *Request) { r.API = openAPI }, RouteNotRegistered, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			key := w.mint(t, test.org, "AccessQueries")
			r := bearer(key)
			test.change(&r)
			d := decide(t, w.verifier(0), r)
			if d.Outcome != Forbidden || d.Code != test.code || d.Identity.KeyID != key.ID() {
				t.Errorf("got %+v, want %s", d, test.code)
			}
			wantReads(t, w, 1, test.services)
		})
	}
}

// Routes without a permission are open to every key of the organization, ANY
// accepts every method, and a service without an organization serves all.
func TestOpenRoutes(t *testing.T) {
	w := newWorld()
	v := w.verifier(0)
	mine, foreign := w.mint(t, "acme"), w.mint(t, "other")
	for _, r := range []Request{
		{API: demoAPI, Method: "GET", Route: "/v1/files"},
		{API: demoAPI, Method: "DELETE", Route: "/v1/any"},
		{API: openAPI, Method: "GET", Route: "/v1/whoami"},
	} {
		r.Authorization = []string{"Bearer " + mine.Reveal()}
		if d := decide(t, v, r); d.Outcome != Allowed {
			t.Errorf("%s %s: %s", r.Method, r.Route, d.Code)
		}
	}
	r := Request{Authorization: []string{"Bearer " + foreign.Reveal()}, API: openAPI, Method: "GET", Route: "/v1/whoami"}
	if d := decide(t, v, r); d.Outcome != Allowed {
		t.Errorf("foreign key on the deployment's own API: %s", d.Code)
	}
}

// A well-formed key that does not exist costs one read, of nothing else if the
// service is known, and then none while that is cached. No pepper is used.
func TestUnknownCostsOneRead(t *testing.T) {
	w := newWorld()
	v := w.verifier(5 * time.Second)
	decide(t, v, bearer(newKey(t)))
	if w.waits != 1 {
		t.Errorf("%d reads in a process that knows no service", w.waits)
	}
	w.reads()
	w.step(5 * time.Second)
	stranger := newKey(t)
	for range 3 {
		if d := decide(t, v, bearer(stranger)); d.Outcome != Unauthenticated || d.Code != KeyUnknown {
			t.Fatalf("got %+v", d)
		}
	}
	if w.hmac != 0 {
		t.Errorf("%d digests under a pepper", w.hmac)
	}
	wantReads(t, w, 1, 0)
	w.step(5 * time.Second)
	decide(t, v, bearer(stranger))
	wantReads(t, w, 1, 0)
}

// A wrong secret for a known id is refused, and costs no read once the key is
// cached. The right one is still accepted.
func TestWrongSecret(t *testing.T) {
	w := newWorld()
	v := w.verifier(5 * time.Second)
	key := w.mint(t, "acme", "ManageFiles")
	forged := forge(t, key, newKey(t).Secret())
	for range 2 {
		if d := decide(t, v, bearer(forged)); d.Outcome != Unauthenticated || d.Code != SecretWrong || d.Identity.Org != "" {
			t.Fatalf("got %+v", d)
		}
	}
	if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
		t.Fatalf("got %+v", d)
	}
	wantReads(t, w, 1, 1)
}

// A cached decision reads nothing; with a TTL of 0 each one reads.
func TestReadsOfAValidKey(t *testing.T) {
	for ttl, again := range map[time.Duration]int{0: 1, time.Second: 0, -time.Second: 1} {
		w := newWorld()
		v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
		decide(t, v, bearer(key))
		wantReads(t, w, 1, 1)
		for range 3 {
			decide(t, v, bearer(key))
			wantReads(t, w, again, again)
		}
	}
}

// A dependency that fails gives an Unavailable error, never a decision. The
// failure is not cached, and no older record is used instead.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct{ fail, mend func(*world) }{
		"store":          {func(w *world) { w.down = errDown }, func(w *world) { w.down = nil }},
		"key":            {failing(apikey.SubjectKey), mended(apikey.SubjectKey)},
		"service":        {failing(apikey.SubjectService), mended(apikey.SubjectService)},
		"status":         {failing(apikey.SubjectStatus), mended(apikey.SubjectStatus)},
		"pepper":         {func(w *world) { w.failDigest = errDown }, func(w *world) { w.failDigest = nil }},
		"damaged record": {damage, mend},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			v, key := w.verifier(5*time.Second), w.mint(t, "acme", "ManageFiles")
			decide(t, v, bearer(key))
			w.step(5 * time.Second)
			test.fail(w)
			for range 2 {
				d, err := v.Decide(t.Context(), bearer(key))
				if d.Outcome != Unauthenticated || d.Identity.Org != "" || apikey.KindOf(err) != apikey.Unavailable {
					t.Fatalf("got %+v, %v", d, err)
				}
				if name != "damaged record" && !errors.Is(err, errDown) {
					t.Errorf("%v lacks its cause", err)
				}
			}
			test.mend(w)
			if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
				t.Errorf("after it was mended: %+v", d)
			}
		})
	}
}

// failing makes the records of a subject fail one by one.
func failing(subject apikey.Subject) func(*world) {
	return func(w *world) { w.damaged[subject] = apikey.UnavailableError("decode", errDown) }
}

func mended(subject apikey.Subject) func(*world) {
	return func(w *world) { delete(w.damaged, subject) }
}

func damage(w *world) { each(w, func(k *apikey.Key) { k.Org = "" }) }
func mend(w *world)   { each(w, func(k *apikey.Key) { k.Org = "acme" }) }

func each(w *world, change func(*apikey.Key)) {
	for id, key := range w.keys {
		change(&key)
		w.keys[id] = key
	}
}

// A changed registration and revoked permissions take effect after the TTL at
// the latest.
func TestChangesCount(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(5*time.Second), w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	each(w, func(k *apikey.Key) { k.Permissions = nil })
	w.step(5 * time.Second)
	if d := decide(t, v, bearer(key)); d.Code != PermissionMissing {
		t.Errorf("permission: got %+v", d)
	}
	delete(w.services, demoAPI)
	w.step(5 * time.Second)
	if d := decide(t, v, bearer(key)); d.Code != ServiceNotRegistered {
		t.Errorf("service: got %+v", d)
	}
}

// Any number of concurrent requests, with changes under way, get only right
// answers (the race detector watches).
func TestConcurrency(t *testing.T) {
	w := newWorld()
	v := w.verifier(time.Millisecond)
	good, other := w.mint(t, "acme", "ManageFiles"), w.mint(t, "other", "ManageFiles")
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 200 {
				w.step(100 * time.Microsecond)
				if d, err := v.Decide(t.Context(), bearer(good)); err != nil || d.Outcome != Allowed {
					t.Errorf("good key: %+v, %v", d, err)
				}
				if d, err := v.Decide(t.Context(), bearer(other)); err != nil || d.Code != OrganizationNotServed {
					t.Errorf("other key: %+v, %v", d, err)
				}
				if d, err := v.Decide(t.Context(), bearer(newKey(t))); err != nil || d.Code != KeyUnknown {
					t.Errorf("unknown key: %+v, %v", d, err)
				}
			}
		})
	}
	group.Wait()
}

// forge returns a key with the same id and another secret.
func forge(t testing.TB, key keytext.Key, secret [keytext.SecretBytes]byte) keytext.Key {
	t.Helper()
	forged, err := keytext.Generate(key.Prefix(), &parts{id: key.ID(), secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

// parts is entropy that gives a chosen id and secret.
type parts struct {
	id     uuid.UUID
	secret [keytext.SecretBytes]byte
}

func (p *parts) Read(b []byte) (int, error) {
	if len(b) == len(p.id) {
		return copy(b, p.id[:]), nil
	}
	return copy(b, p.secret[:]), nil
}

// BenchmarkCached measures decisions that read nothing, for each kind of key.
func BenchmarkCached(b *testing.B) {
	for name, kind := range kinds {
		b.Run(name, func(b *testing.B) {
			w := newWorld()
			w.populate()
			kind.key.Org = "acme"
			v := w.verifier(MaxCacheTTL)
			r := bearer(w.mintAs(b, kind.key))
			b.ReportAllocs()
			for b.Loop() {
				if d, err := v.Decide(b.Context(), r); err != nil || d.Outcome != Allowed {
					b.Fatal(d, err)
				}
			}
		})
	}
}

// Built-in services are prepared once: by Prepare, or else by the first
// request. New does not prepare them.
func TestBuiltinIsMadeOnceAndLate(t *testing.T) {
	for _, prepared := range []bool{true, false} {
		w, made := newWorld(), 0
		v := New(Config{Reader: w, Digester: w, Now: w.now, Builtin: func() []apikey.Service { made++; return nil }})
		if made != 0 {
			t.Error("built-in services are made before they are needed")
		}
		if prepared {
			v.Prepare()
		}
		for range 2 {
			if _, err := v.Decide(t.Context(), bearer(w.mint(t, "acme"))); err != nil {
				t.Error(err)
			}
			if made != 1 {
				t.Errorf("prepared %v: made %d times", prepared, made)
			}
		}
	}
}
