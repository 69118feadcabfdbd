package apikey_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// deleted creates a key from a draft and deletes it.
func (h *house) deleted(t *testing.T, draft apikey.Draft) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.owner, draft)
	if err != nil {
		t.Fatal(err)
	}
	h.delete(t, minted.Key.ID)
	key, err := h.store.Key(t.Context(), minted.Key.ID)
	if err != nil || !key.Deleted() {
		t.Fatalf("no tombstone: %+v, %v", key, err)
	}
	return key
}

func (h *house) delete(t *testing.T, id uuid.UUID) {
	t.Helper()
	if err := h.Delete(t.Context(), h.owner, id, 0); err != nil {
		t.Fatal(err)
	}
}

// recorded fails the test unless the log has exactly one such record.
func (h *house) recorded(t *testing.T, action apikey.Action, target uuid.UUID) {
	t.Helper()
	found := slices.DeleteFunc(h.audits(t), func(r apikey.AuditRecord) bool { return r.Action != action || r.Target != target.String() })
	if len(found) != 1 {
		t.Errorf("%d records of %s", len(found), action)
	}
}

// A restored key is the one that was deleted, disabled; its name and its place
// in the quota were free in the meantime. Both changes are in the audit log.
func TestRestore(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "p", "ViewTables")
	key := h.underPolicy(t, "k", policy)
	org, _ := h.store.Organization(t.Context(), "demo")
	h.delete(t, key.ID)
	if now, _ := h.store.Organization(t.Context(), "demo"); now.KeyCount != org.KeyCount-1 {
		t.Errorf("%d keys are counted", now.KeyCount)
	}
	back, _, err := h.Restore(t.Context(), h.owner, key.ID)
	if err != nil || back.Deleted() || !back.Disabled || back.Name != "k" || back.Policy != policy.ID || back.Version != key.Version+2 || back.Digest != key.Digest {
		t.Fatalf("restored %+v, %v", back, err)
	}
	if got, _, err := h.Get(t.Context(), h.owner, key.ID); err != nil || got.Version != back.Version {
		t.Errorf("%+v, %v", got, err)
	}
	if now, _ := h.store.Organization(t.Context(), "demo"); now.KeyCount != org.KeyCount {
		t.Errorf("%d keys are counted", now.KeyCount)
	}
	h.recorded(t, apikey.ActionDeleteKey, key.ID)
	h.recorded(t, apikey.ActionRestoreKey, key.ID)
	_, _, err = h.Restore(t.Context(), h.owner, key.ID)
	wantKind(t, err, apikey.NotRestorable)
}

// A tombstone is no key to any other rule, nor to the caller who had it.
func TestTombstoneIsNotFound(t *testing.T) {
	h := newHouse(t)
	key := h.deleted(t, apikey.Draft{Name: "k", Permissions: permission.NewSet("ViewTables"), Recoverable: true})
	ctx, before := t.Context(), len(h.audits(t))
	_, _, err := h.Get(ctx, h.owner, key.ID)
	wantKind(t, err, apikey.NotFound)
	_, err = h.Show(ctx, h.owner, key.ID)
	wantKind(t, err, apikey.NotFound)
	_, _, err = h.Reveal(ctx, h.owner, key.ID)
	wantKind(t, err, apikey.NotFound)
	on := false
	_, _, err = h.Patch(ctx, h.owner, key.ID, 0, apikey.Edit{Disabled: &on})
	wantKind(t, err, apikey.NotFound)
	wantKind(t, h.Delete(ctx, h.owner, key.ID, 0), apikey.NotFound)
	_, err = h.WhoAmI(ctx, caller(key))
	wantKind(t, err, apikey.Unauthenticated)
	_, _, err = h.Restore(ctx, caller(key), key.ID)
	wantKind(t, err, apikey.Unauthenticated)
	if log := h.audits(t); len(log) != before {
		t.Errorf("a refusal left %+v", log[0])
	}
	for deleted, want := range map[bool]int{true: 1, false: 0} {
		page, err := h.List(ctx, h.owner, apikey.KeyFilter{Deleted: deleted, Name: "k"}, apikey.Position{}, 100)
		if err != nil || len(page.Keys) != want {
			t.Errorf("deleted %t: %d keys, %v", deleted, len(page.Keys), err)
		}
	}
}

// A key comes back only if everything that it depends on is still there, and
// the refusal says what is not. Nothing has changed then.
func TestWhatCannotBeRestored(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, h *house) apikey.Key
		kind    apikey.Kind
		detail  string
	}{
		"a key that is not deleted": {func(t *testing.T, h *house) apikey.Key { return h.create(t, "k") }, apikey.NotRestorable, "not deleted"},
		"a key that never was":      {func(t *testing.T, h *house) apikey.Key { return apikey.Key{ID: uuid.UUID{1}} }, apikey.NotFound, ""},
		"another organization's": {func(t *testing.T, h *house) apikey.Key {
			other := h.setup(t, "other")
			minted, _ := h.Create(t.Context(), caller(other.Admin.Key), draft("k"))
			_ = h.Delete(t.Context(), caller(other.Admin.Key), minted.Key.ID, 0)
			return minted.Key
		}, apikey.NotFound, ""},
		"its name is taken": {func(t *testing.T, h *house) apikey.Key {
			key := h.deleted(t, draft("k"))
			h.create(t, "k")
			return key
		}, apikey.NameTaken, ""},
		"the quota is full": {func(t *testing.T, h *house) apikey.Key {
			key := h.deleted(t, draft("k"))
			for _, name := range []string{"a", "b", "c"} {
				h.create(t, name)
			}
			return key
		}, apikey.QuotaReached, "limit"},
		"its policy is gone": {func(t *testing.T, h *house) apikey.Key {
			policy := h.policy(t, "p", "ViewTables")
			key := h.deleted(t, apikey.Draft{Name: "k", Policy: policy.ID})
			if err := h.ForceDeletePolicy(t.Context(), h.owner, policy.ID, 0); err != nil {
				t.Fatal(err)
			}
			return key
		}, apikey.NotRestorable, "policy"},
		"its user is gone": {func(t *testing.T, h *house) apikey.Key {
			user := h.user(t, member("u"))
			key := h.deleted(t, apikey.Draft{Name: "k", Type: apikey.TypePersonal, OnBehalfOf: user.ID})
			if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
				t.Fatal(err)
			}
			return key
		}, apikey.NotRestorable, "user"},
		"it was reported as leaked": {func(t *testing.T, h *house) apikey.Key {
			key := h.deleted(t, draft("k"))
			after := key
			after.Exposure = &apikey.Exposure{ReportedOn: h.clock.Now()}
			after.Version++
			change := apikey.Change{Writes: []apikey.Write{apikey.ReplaceKey{Before: key, After: after}}, Audits: []apikey.AuditRecord{{ID: uuid.UUID{9}, Org: "demo"}}}
			if err := h.store.Commit(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			return key
		}, apikey.NotRestorable, "leaked"},
		"its time is over": {func(t *testing.T, h *house) apikey.Key {
			key := h.deleted(t, draft("k"))
			h.clock.Advance(apikey.DefaultRetention)
			return key
		}, apikey.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			key := c.prepare(t, h)
			before := len(h.audits(t))
			_, _, err := h.Restore(t.Context(), h.owner, key.ID)
			if wantKind(t, err, c.kind); err != nil && !strings.Contains(err.Error(), c.detail) {
				t.Errorf("%v does not say %q", err, c.detail)
			}
			if len(h.audits(t)) != before {
				t.Error("something has changed")
			}
		})
	}
}

// Nobody gets by restoring what they do not hold. Users do not restore their
// own keys, which they could not enable.
func TestWhoRestores(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	files := h.deleted(t, draft("files", "ManageFiles"))
	own := h.deleted(t, apikey.Draft{Name: "own", Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	owners := h.deleted(t, apikey.Draft{Name: "owner's", Type: apikey.TypePersonal, OnBehalfOf: h.person.ID})
	lesser := caller(h.create(t, "lesser", permission.AdministerAPIKeys))
	for name, c := range map[string]struct {
		by   apikey.Caller
		key  apikey.Key
		want apikey.Kind
	}{
		"what it grants is not held":            {lesser, files, apikey.NotHeld},
		"an OWNER's, by somebody else":          {h.admin, owners, apikey.NotHeld},
		"its own user":                          {h.as(t, user), own, apikey.Forbidden},
		"another user":                          {h.as(t, h.user(t, member("v"))), own, apikey.Forbidden},
		"somebody's, without AdministerApiKeys": {caller(h.create(t, "manager", permission.ManageAPIKeys, "ManageFiles")), files, apikey.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := h.Restore(t.Context(), c.by, c.key.ID)
			wantKind(t, err, c.want)
		})
	}
	if _, _, err := h.Restore(t.Context(), lesser, own.ID); err != nil {
		t.Errorf("a MEMBER's key: %v", err)
	}
}

// A permission that was withdrawn while the key was deleted does not come back
// with it, as it would have been taken from a key.
func TestRestoredKeyLosesWhatWasWithdrawn(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	key := h.deleted(t, draft("k", "ManageTables", "ViewTables"))
	h.without(t, "ManageTables")
	h.withdrawn(t, false)
	back, _, err := h.Restore(t.Context(), h.owner, key.ID)
	if err != nil || back.Permissions.Has("ManageTables") || !back.Permissions.Has("ViewTables") {
		t.Errorf("restored %v, %v", back.Permissions, err)
	}
}

// Concurrent restorations and creations never exceed the quota.
func TestRestoreAtTheQuota(t *testing.T) {
	h := newHouse(t) // 2 of 5 keys
	var gone []apikey.Key
	for _, name := range []string{"a", "b", "c", "d"} {
		gone = append(gone, h.deleted(t, draft(name)))
	}
	var group sync.WaitGroup
	for n, key := range gone {
		group.Go(func() { _, _, _ = h.Restore(t.Context(), h.owner, key.ID) })
		group.Go(func() { _, _ = h.Create(t.Context(), h.owner, draft("new"+strings.Repeat("x", n))) })
	}
	group.Wait()
	org, err := h.store.Organization(t.Context(), "demo")
	page, listErr := h.store.Keys(t.Context(), "demo", apikey.KeyFilter{}, apikey.Position{}, apikey.NoLimit)
	count := len(page.Records)
	for page.Next != nil && listErr == nil {
		page, listErr = h.store.Keys(t.Context(), "demo", apikey.KeyFilter{}, *page.Next, apikey.NoLimit)
		count += len(page.Records)
	}
	if err != nil || listErr != nil || org.KeyCount != 5 || count != 5 {
		t.Errorf("%d keys, counted %d, %v, %v", count, org.KeyCount, err, listErr)
	}
}

// Without retention a key is gone at once, as are its name and its copy.
func TestNoRetention(t *testing.T) {
	h := newHouse(t)
	none := time.Duration(0)
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{Retention: &none}); err != nil {
		t.Fatal(err)
	}
	key := h.create(t, "k")
	h.delete(t, key.ID)
	h.gone(t, apikey.KeyRef(key.ID))
	_, _, err := h.Restore(t.Context(), h.owner, key.ID)
	wantKind(t, err, apikey.NotFound)
}

// A sweep removes a tombstone when its time is over, even a damaged one, and
// nothing else. The log says so.
func TestSweepRemovesTombstones(t *testing.T) {
	h := newHouse(t)
	first := h.deleted(t, draft("k"))
	h.clock.Advance(time.Hour)
	second := h.deleted(t, draft("k"))
	h.store.Damage(apikey.KeyRef(first.ID))
	sweep := func(want int) {
		t.Helper()
		if swept, err := h.Sweep(t.Context()); err != nil || swept.Keys != want {
			t.Errorf("swept %+v, %v, want %d keys", swept, err, want)
		}
	}
	h.clock.Advance(apikey.DefaultRetention - time.Hour - time.Second)
	sweep(0)
	h.clock.Advance(time.Second)
	h.suspend(t, true)
	sweep(0)
	h.suspend(t, false)
	sweep(1)
	h.gone(t, apikey.KeyRef(first.ID))
	h.recorded(t, apikey.ActionPurgeKey, first.ID)
	if _, err := h.store.Key(t.Context(), second.ID); err != nil {
		t.Error(err)
	}
	h.clock.Advance(time.Hour)
	sweep(1)
	sweep(0)
	if org, _ := h.store.Organization(t.Context(), "demo"); org.KeyCount != 2 {
		t.Errorf("%d keys are counted", org.KeyCount)
	}
}
