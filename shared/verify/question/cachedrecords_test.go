package question

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

const ttl = 5 * time.Second

// house is an organization whose admin asks about keys.
type house struct {
	t     *testing.T
	store *apikeytest.Store
	clock *apikeytest.Clock
	rules *apikey.Rules
	asker *Asker
	admin apikey.Caller
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: apikeytest.NewStore(), clock: apikeytest.NewClock()}
	peppers := &apikeytest.Peppers{}
	h.rules = &apikey.Rules{
		Store: h.store, Digester: peppers, PepperMaker: peppers, Now: h.clock.Now, Entropy: apikeytest.Entropy(1),
		NFC: func(text string) string { return text }, Regions: apikey.Regions{CacheTTL: ttl},
	}
	made, err := h.rules.Bootstrap(t.Context(), apikey.Setup{
		Organization: "demo", KeyPrefix: "kw", AdminKey: "Admin", OwnerEmail: "owner@example.com", OwnerName: "Owner",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: files("ManageFiles")}},
	})
	h.must(err)
	h.admin = apikey.Caller{Org: "demo", Key: made.Admin.Key.ID}
	h.asker = New(h.rules)
	return h
}

// files returns a service on which uploads need a permission.
func files(needed string) apikey.ServiceDraft {
	return apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "ManageFiles"}, {Name: "ViewFiles"}},
		APIs:   []routing.API{{Account: "123456789012", ID: "demo"}},
		Routes: []routing.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{needed}}},
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) key(name string) apikey.Minted {
	h.t.Helper()
	made, err := h.rules.Create(h.t.Context(), h.admin, apikey.Draft{Name: name, Permissions: permission.NewSet("ManageFiles")})
	h.must(err)
	return made
}

// ask asks whether keys may upload files, and returns the answers and how many
// times the store was read.
func (h *house) ask(by apikey.Caller, texts ...string) ([]apikey.Verification, int) {
	h.t.Helper()
	before := h.store.Reads()
	q := apikey.Question{Examination: apikey.Examination{Service: "files", Method: "POST", Route: "/v1/files"}}
	for _, text := range texts {
		q.Authorizations = append(q.Authorizations, "Bearer "+text)
	}
	answers, err := h.asker.Ask(h.t.Context(), by, q)
	h.must(err)
	return answers, h.store.Reads() - before
}

// What allows is answered from memory until the bound has passed since its read,
// and an answer says how much of that time is left. So nothing is allowed later
// than the bound after a key is deleted, however answers are cached in turn.
func TestKeptRecordsAnswerWithinTheBound(t *testing.T) {
	h := newHouse(t)
	key := h.key("one")
	answers, reads := h.ask(h.admin, key.Text.Reveal())
	if !answers[0].Valid || reads == 0 || answers[0].TTL != ttl {
		t.Fatalf("first: %+v after %d reads", answers[0], reads)
	}
	h.must(h.rules.Delete(t.Context(), h.admin, key.Key.ID, 0))
	for _, step := range []struct {
		after time.Duration
		left  time.Duration
		valid bool
	}{{1500 * time.Millisecond, 3 * time.Second, true}, {3 * time.Second, 0, true}, {500 * time.Millisecond, 0, false}} {
		h.clock.Advance(step.after)
		answers, reads := h.ask(h.admin, key.Text.Reveal())
		if answers[0].Valid != step.valid || answers[0].TTL != step.left || step.valid != (reads == 0) {
			t.Errorf("after %s more: %+v after %d reads", step.after, answers[0], reads)
		}
	}
}

// What is left of an answer's time is counted by the clock that says more: Lambda
// freezes the process between requests, and its monotonic clock with it.
func TestAnswersEndByBothClocks(t *testing.T) {
	h := newHouse(t)
	key := h.key("one").Text.Reveal()
	start := time.Now()
	now, rules := start, *h.rules
	rules.Now = func() time.Time { return now }
	h.asker = New(&rules)
	h.ask(h.admin, key)
	for _, passed := range []struct{ wall, monotonic time.Duration }{{4 * time.Second, 0}, {time.Second, 4 * time.Second}, {4 * time.Second, 4 * time.Second}} {
		now = apart(t, start, passed.wall, passed.monotonic)
		if answers, reads := h.ask(h.admin, key); !answers[0].Valid || reads != 0 || answers[0].TTL != time.Second {
			t.Errorf("after %+v: %s are left after %d reads", passed, answers[0].TTL, reads)
		}
	}
}

// apart returns a time at which the wall clock has advanced by wall and the
// monotonic clock by monotonic. The second word of a time holds the monotonic
// reading.
func apart(t *testing.T, since time.Time, wall, monotonic time.Duration) time.Time {
	t.Helper()
	now := since.Add(wall)
	(*[2]int64)(unsafe.Pointer(&now))[1] += int64(monotonic - wall)
	if now.Sub(since) != monotonic || now.Round(0).Sub(since.Round(0)) != wall {
		t.Fatal("a time.Time keeps its monotonic reading elsewhere: set it there")
	}
	return now
}

// Whatever would be refused is read first: a new secret, a key that is enabled
// again, a permission that a caller has just got, and a key beside cached ones.
func TestRefusalsAreRead(t *testing.T) {
	h := newHouse(t)
	key := h.key("one")
	h.ask(h.admin, key.Text.Reveal())
	rotated, err := h.rules.Rotate(t.Context(), h.admin, key.Key.ID, 0, apikey.Rotation{})
	h.must(err)
	if answers, _ := h.ask(h.admin, rotated.Text.Reveal(), h.key("two").Text.Reveal()); !answers[0].Valid || !answers[1].Valid {
		t.Errorf("the new secret and a new key: %+v", answers)
	}
	caller := h.key("caller")
	by := apikey.Caller{Org: "demo", Key: caller.Key.ID}
	if _, err := h.asker.Ask(t.Context(), by, apikey.Question{}); apikey.KindOf(err) != apikey.Forbidden {
		t.Errorf("a caller without the permission: %v", err)
	}
	granted := permission.NewSet(permission.VerifyAPIKeys)
	_, _, err = h.rules.Patch(t.Context(), h.admin, caller.Key.ID, 0, apikey.Edit{Permissions: &granted})
	h.must(err)
	if answers, _ := h.ask(by, rotated.Text.Reveal()); !answers[0].Valid {
		t.Errorf("as a caller with a new permission: %+v", answers[0])
	}
}

// What is made from a service lasts as long as its cached record. New routes count once
// they are read; a refusal or an explanation always reads them.
func TestTargetFollowsItsService(t *testing.T) {
	h := newHouse(t)
	key := h.key("one").Text.Reveal()
	upload := apikey.Question{Authorizations: []string{"Bearer " + key}, Examination: apikey.Examination{Service: "files", Method: "POST", Route: "/v1/files"}}
	h.ask(h.admin, key)
	put := func(needed string) {
		_, _, err := h.rules.PutService(t.Context(), h.admin, "files", 0, files(needed), false)
		h.must(err)
	}
	put("ViewFiles")
	if answers, reads := h.ask(h.admin, key); !answers[0].Valid || reads != 0 {
		t.Errorf("from the cache: %+v after %d reads", answers[0], reads)
	}
	h.clock.Advance(ttl)
	if answers, _ := h.ask(h.admin, key); answers[0].Code != "PERMISSION_MISSING" {
		t.Errorf("of the new routes: %+v", answers[0])
	}
	put("ManageFiles")
	if answers, _ := h.ask(h.admin, key); !answers[0].Valid {
		t.Errorf("of routes that allow again: %+v", answers[0])
	}
	put("ViewFiles")
	upload.Explained = true
	if answers, err := h.asker.Ask(t.Context(), h.admin, upload); err != nil || answers[0].Code != "PERMISSION_MISSING" {
		t.Errorf("explained: %+v, %v", answers, err)
	}
}

// Memory is bounded in bytes, and a late answer of an early read does not replace
// a newer one.
func TestCachedRecordsAreBounded(t *testing.T) {
	clock := apikeytest.NewClock()
	r := newCachedRecords(ttl, clock.Now)
	weigh := func(any) int { return 100 << 10 }
	for n := range 1000 {
		r.put(apikey.Found{apikey.ServiceRef("demo", time.Duration(n).String()): {Record: apikey.Service{}}}, clock.Now(), weigh)
	}
	if r.bytes > maxCached || r.bytes < maxCached/2 || r.found.Len()*(entrySize+100<<10) != r.bytes {
		t.Errorf("%d records, %d bytes", r.found.Len(), r.bytes)
	}
	small := newCachedRecords(ttl, clock.Now)
	for n := range 100_000 {
		small.put(apikey.Found{apikey.StatusRef(apikey.OrgID(time.Duration(n).String())): {Record: apikey.Status{}}}, clock.Now(), func(any) int { return 0 })
	}
	if small.bytes > maxCached || small.found.Len() > 50_000 {
		t.Errorf("%d records that the store counts as nothing", small.found.Len())
	}
	ref, early := apikey.ServiceRef("demo", "one"), clock.Now()
	r.put(apikey.Found{ref: {Record: apikey.Service{Name: "new"}}}, clock.Advance(time.Second), weigh)
	r.put(apikey.Found{ref: {Record: apikey.Service{Name: "old"}}}, early, weigh)
	one, _ := r.found.Peek(ref)
	if service, _ := one.Record.(apikey.Service); service.Name != "new" {
		t.Errorf("cached %+v", one)
	}
	r.put(apikey.Found{ref: {Err: apikey.NoSuch(apikey.SubjectService)}}, clock.Now(), weigh)
	if _, known := r.found.Peek(ref); known {
		t.Error("a record that does not exist any more is cached")
	}
}

// Questions at the same time share records that none of them changes: not of keys,
// policies and users, and whatever is asked.
func TestQuestionsAtOnce(t *testing.T) {
	h := newHouse(t)
	policy, err := h.rules.CreatePolicy(t.Context(), h.admin, apikey.PolicyDraft{Name: "P", Permissions: permission.NewSet("ManageFiles", "ViewFiles", permission.VerifyAPIKeys)})
	h.must(err)
	user, err := h.rules.CreateUser(t.Context(), h.admin, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin, Policy: policy.ID})
	h.must(err)
	var texts []string
	for _, draft := range []apikey.Draft{
		{Name: "one", Permissions: permission.NewSet("ManageFiles")}, {Name: "two", Policy: policy.ID, AllowIPs: []string{"192.0.2.0/24"}},
		{Name: "three", Policy: policy.ID, OnBehalfOf: user.ID, Type: apikey.TypeShared, Services: []string{"files"}},
	} {
		made, err := h.rules.Create(t.Context(), h.admin, draft)
		h.must(err)
		texts = append(texts, "Bearer "+made.Text.Reveal())
	}
	questions := []apikey.Examination{
		{Service: "files", Method: "POST", Route: "/v1/files"}, {Service: "files", Permission: "ManageFiles"},
		{Service: "files", Method: "POST", Path: "/v1/files"}, {Service: "files"}, {Service: "files", Permission: "ManageFiles", Explained: true},
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			q := apikey.Question{Examination: questions[n%len(questions)], Authorizations: texts, Source: netip.MustParseAddr("192.0.2.1")}
			for range 50 {
				answers, err := h.asker.Ask(t.Context(), h.admin, q)
				if err != nil || slices.ContainsFunc(answers, func(v apikey.Verification) bool { return !v.Valid }) {
					t.Errorf("%+v, %v", answers, err)
				}
			}
		})
	}
	all.Wait()
}
