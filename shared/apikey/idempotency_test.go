package apikey_test

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// repeating returns a caller with an Idempotency-Key for a request.
func repeating(by apikey.Caller, key, request string) apikey.Caller {
	by.Idempotency = apikey.Idempotency{Key: sha256.Sum256([]byte(key)), Fingerprint: sha256.Sum256([]byte(request))}
	return by
}

// A repeated creation returns the same key with the same text for ten minutes,
// then without it, and after 24 hours creates another. Only creations leave
// audit records.
func TestRepeatedCreation(t *testing.T) {
	h := newHouse(t)
	by := repeating(h.admin, "retry", "n")
	first, err := h.Create(t.Context(), by, draft("n", "ManageFiles"))
	if err != nil || first.Repeated {
		t.Fatal(first.Repeated, err)
	}
	records := len(h.audits(t))
	for _, c := range []struct {
		after time.Duration
		shown bool
	}{{0, true}, {10*time.Minute - time.Millisecond, true}, {time.Millisecond, false}, {24*time.Hour - 10*time.Minute - time.Millisecond, false}} {
		h.clock.Advance(c.after)
		again, err := h.Create(t.Context(), by, draft("n", "ManageFiles"))
		if err != nil || !again.Repeated || again.Key.ID != first.Key.ID {
			t.Fatalf("after %v: %+v, %v", c.after, again.Key, err)
		}
		if shown := again.Text.Reveal() == first.Text.Reveal(); shown != c.shown || !shown && again.Text.Reveal() != "" {
			t.Errorf("after %v: the text is shown: %t", c.after, shown)
		}
	}
	if got := len(h.audits(t)); got != records {
		t.Errorf("repetitions left %d audit records", got-records)
	}
	h.clock.Advance(time.Millisecond)
	_, err = h.Create(t.Context(), by, draft("n", "ManageFiles"))
	wantKind(t, err, apikey.NameTaken)
	for _, repeated := range []bool{false, true} {
		next, err := h.Create(t.Context(), by, draft("another"))
		if err != nil || next.Key.ID == first.Key.ID || next.Repeated != repeated || next.Text.Reveal() == "" {
			t.Fatalf("%+v, %v", next, err)
		}
	}
}

// A repetition shows the key as it is now, and no text once the key has another
// one. It needs no room for another key.
func TestRepetitionShowsWhatIsThere(t *testing.T) {
	h := newHouse(t)
	by := repeating(h.admin, "retry", "n")
	first, err := h.Create(t.Context(), by, draft("n"))
	if err != nil {
		t.Fatal(err)
	}
	renamed := "renamed"
	if _, _, err := h.Patch(t.Context(), h.admin, first.Key.ID, 0, apikey.Edit{Name: &renamed}); err != nil {
		t.Fatal(err)
	}
	h.create(t, "fourth")
	h.create(t, "fifth")
	again, err := h.Create(t.Context(), by, draft("n"))
	if err != nil || again.Key.Name != renamed || again.Key.Version != 2 || again.Text.Reveal() != first.Text.Reveal() {
		t.Errorf("%+v, %v", again, err)
	}
	next := again.Key
	next.Redacted, next.Version = "kw_others...secret", 3
	if err := h.store.Store.Commit(t.Context(), apikey.Change{
		Writes: []apikey.Write{apikey.ReplaceKey{Before: again.Key, After: next}}, Audits: []apikey.AuditRecord{{ID: next.ID, Org: "demo", At: h.clock.Now()}},
	}); err != nil {
		t.Fatal(err)
	}
	again, err = h.Create(t.Context(), by, draft("n"))
	if err != nil || !again.Repeated || again.Text.Reveal() != "" {
		t.Errorf("another secret's text was shown: %+v, %v", again, err)
	}
}

// An Idempotency-Key stands for one request of one caller: another request with
// it is refused, and another caller learns nothing and creates a key of its own.
func TestIdempotencyKeyBelongsToItsCaller(t *testing.T) {
	h := newHouse(t)
	first, err := h.Create(t.Context(), repeating(h.admin, "retry", "n"), draft("n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Create(t.Context(), repeating(h.admin, "retry", "other"), draft("other"))
	wantKind(t, err, apikey.Reused)
	for name, by := range map[string]apikey.Caller{"another key": h.owner, "a user": {Org: "demo", User: h.person.ID}} {
		made, err := h.Create(t.Context(), repeating(by, "retry", "n"), draft("of "+name))
		if err != nil || made.Repeated || made.Key.ID == first.Key.ID {
			t.Errorf("%s: %+v, %v", name, made, err)
		}
	}
	if err := h.Delete(t.Context(), h.admin, first.Key.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = h.Create(t.Context(), repeating(h.admin, "retry", "n"), draft("n"))
	wantKind(t, err, apikey.Reused)
}

// A caller who could not create the key any more gets neither the key nor its
// text: without the permission to create, without what the key holds, or gone.
func TestRepetitionNeedsTheRights(t *testing.T) {
	for name, c := range map[string]struct {
		take func(h *house, maker, made apikey.Key) error
		kind apikey.Kind
	}{
		"may not create": {func(h *house, maker, _ apikey.Key) error {
			return patched(h, maker, apikey.Edit{Permissions: new(permission.NewSet("ManageFiles"))})
		}, apikey.Forbidden},
		"holds less": {func(h *house, maker, _ apikey.Key) error {
			return patched(h, maker, apikey.Edit{Permissions: new(permission.NewSet("ManageApiKeys"))})
		}, apikey.NotHeld},
		"the key holds more": {func(h *house, _, made apikey.Key) error {
			return patched(h, made, apikey.Edit{Permissions: new(permission.NewSet("ManageFiles", "ViewTables"))})
		}, apikey.NotHeld},
		"is disabled": {func(h *house, maker, _ apikey.Key) error { return patched(h, maker, apikey.Edit{Disabled: new(true)}) }, apikey.Unauthenticated},
		"is deleted": {func(h *house, maker, _ apikey.Key) error {
			return h.Delete(context.Background(), h.admin, maker.ID, 0)
		}, apikey.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
			by := repeating(caller(maker), "retry", "n")
			made, err := h.Create(t.Context(), by, draft("n", "ManageFiles"))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.take(h, maker, made.Key); err != nil {
				t.Fatal(err)
			}
			again, err := h.Create(t.Context(), by, draft("n", "ManageFiles"))
			wantKind(t, err, c.kind)
			if again.Text.Reveal() != "" || !again.Key.ID.IsZero() {
				t.Error("something was shown")
			}
		})
	}
}

func patched(h *house, key apikey.Key, edit apikey.Edit) error {
	_, _, err := h.Patch(context.Background(), h.admin, key.ID, 0, edit)
	return err
}

// If the answer to the change is lost, or the process dies after it, the
// repetition finds the key. If nothing was committed, it creates it.
func TestRepetitionAfterALostAnswer(t *testing.T) {
	for _, committed := range []bool{true, false} {
		h := newHouse(t)
		before := len(h.audits(t))
		by := repeating(h.admin, "retry", "n")
		h.store.refuse = func(ctx context.Context, change apikey.Change) error {
			h.store.refuse = nil
			if committed {
				if err := h.store.Store.Commit(ctx, change); err != nil {
					t.Error(err)
				}
			}
			return apikey.UnavailableError("commit: the answer was lost", nil)
		}
		_, err := h.Create(t.Context(), by, draft("n"))
		wantKind(t, err, apikey.Unavailable)
		made, err := h.Create(t.Context(), by, draft("n"))
		if err != nil || made.Repeated != committed || made.Text.Reveal() == "" {
			t.Errorf("committed %t: %+v, %v", committed, made, err)
		}
		if ok, err := apikey.Matches(t.Context(), h.Digester, made.Text, made.Key.Digest); !ok || err != nil {
			t.Errorf("the text is not the key's: %v", err)
		}
		if got := len(h.audits(t)) - before; got != 1 {
			t.Errorf("committed %t: %d keys were created", committed, got)
		}
	}
}

// lagging is a store whose first read of an outcome is older than the rest of
// what it reads, as it can be in a batch.
type lagging struct {
	*hookedStore
	once sync.Once
}

func (s *lagging) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	found, err := s.hookedStore.Read(ctx, refs...)
	for ref := range found {
		if ref.Subject == apikey.SubjectOutcome {
			s.once.Do(func() { found[ref] = apikey.Finding{Err: apikey.NoSuch(ref.Subject)} })
		}
	}
	return found, err
}

// A request that finds no outcome but the full quota that its first sending
// left is answered like any other repetition.
func TestRepetitionMeetsItsOwnQuota(t *testing.T) {
	h := newHouse(t)
	h.create(t, "third")
	h.create(t, "fourth")
	by := repeating(h.admin, "retry", "n")
	if _, err := h.Create(t.Context(), by, draft("n")); err != nil {
		t.Fatal(err)
	}
	h.Store = &lagging{hookedStore: h.store}
	again, err := h.Create(t.Context(), by, draft("n"))
	if err != nil || !again.Repeated {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = h.Create(t.Context(), repeating(h.admin, "new", "n"), draft("more"))
	wantKind(t, err, apikey.QuotaReached)
}

// counting counts reads, and fails those after the first.
type counting struct {
	*hookedStore
	reads int
}

func (s *counting) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	if s.reads++; s.reads > 1 {
		return nil, apikey.UnavailableError("read", nil)
	}
	return s.hookedStore.Read(ctx, refs...)
}

// A request with a fault is answered with that fault after one read, whatever happens
// meanwhile: an earlier sending of it cannot be the cause.
func TestFaultsAreNoRepetitions(t *testing.T) {
	h := newHouse(t)
	store := &counting{hookedStore: h.store}
	h.Store = store
	_, err := h.Create(t.Context(), repeating(h.admin, "retry", "n"), draft("n", "NoSuchPermission"))
	wantKind(t, err, apikey.Invalid)
	if store.reads != 1 {
		t.Errorf("%d reads", store.reads)
	}
}

// Of many equal requests at once, one creates the key and all return it, even
// if it takes the last place and the name.
func TestRepetitionsAtOnce(t *testing.T) {
	h := newHouse(t)
	h.create(t, "third")
	h.create(t, "fourth")
	by := repeating(h.admin, "retry", "n")
	var created atomic.Int32
	var group sync.WaitGroup
	texts := make([]string, 50)
	for n := range texts {
		group.Go(func() {
			made, err := h.Create(t.Context(), by, draft("n"))
			if err != nil {
				t.Error(err)
			}
			if texts[n] = made.Text.Reveal(); !made.Repeated {
				created.Add(1)
			}
		})
	}
	group.Wait()
	for _, text := range texts {
		if text == "" || text != texts[0] {
			t.Error("the texts differ")
		}
	}
	if created.Load() != 1 {
		t.Errorf("%d keys created", created.Load())
	}
}
