package apikey_test

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A recoverable key is revealed to callers who may see it, after an audit
// record is written. No other key is ever revealed.
func TestReveal(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "r", Recoverable: true, Permissions: permission.NewSet("ManageFiles")})
	if err != nil {
		t.Fatal(err)
	}
	id := minted.Key.ID
	_, text, err := h.Reveal(t.Context(), h.admin, id)
	if err != nil || text.Reveal() != minted.Text.Reveal() {
		t.Fatalf("shown %s, %v", text, err)
	}
	records := h.audits(t)
	if last := records[len(records)-1]; !slices.ContainsFunc(records, func(r apikey.AuditRecord) bool { return r.Action == apikey.ActionRevealKey && r.Target == id.String() }) {
		t.Errorf("not recorded; last %+v", last)
	}
	_, _, err = h.Reveal(t.Context(), h.admin, h.own.ID)
	wantKind(t, err, apikey.NotRecoverable)

	manager := h.create(t, "manager", "AdministerApiKeys", "ManageFiles")
	_, _, err = h.Reveal(t.Context(), caller(manager), id)
	wantKind(t, err, apikey.Forbidden)
	if err := h.Delete(t.Context(), h.admin, manager.ID, 0); err != nil {
		t.Fatal(err)
	}
	weaker := h.create(t, "weaker", "AdministerApiKeys", "RevealApiKeys")
	_, _, err = h.Reveal(t.Context(), caller(weaker), id)
	wantKind(t, err, apikey.NotHeld)
}

// If the audit record cannot be written, nothing is revealed.
func TestRevealUnrecorded(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "r", Recoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	h.store.left.Store(0)
	key, text, err := h.Reveal(t.Context(), h.admin, minted.Key.ID)
	wantKind(t, err, apikey.Unavailable)
	if text.Reveal() != "" || !key.ID.IsZero() {
		t.Error("something was shown")
	}
}

// A copy that was swapped for another key's cannot be opened.
func TestRevealExchangedCopy(t *testing.T) {
	h := newHouse(t)
	var keys []apikey.Minted
	for _, name := range []string{"a", "b"} {
		minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: name, Recoverable: true})
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, minted)
	}
	h.Store = exchanged{h.store, keys[1].Key}
	_, _, err := h.Reveal(t.Context(), h.admin, keys[0].Key.ID)
	wantKind(t, err, apikey.Unavailable)
}

// An organization that does not allow recoverable keys gets none.
func TestRecoverableMustBeAllowed(t *testing.T) {
	h := newHouse(t)
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(apikey.Settings{KeyPrefix: "kw", MaxKeys: 9})); err != nil {
		t.Fatal(err)
	}
	_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "r", Recoverable: true})
	wantKind(t, err, apikey.Invalid)
}

// Only a caller who acts as an OWNER, with all of an OWNER's powers, can change
// settings.
func TestSettings(t *testing.T) {
	h := newHouse(t)
	good := apikey.Settings{Name: "New", KeyPrefix: "pok", MaxKeys: 9}
	_, err := h.ChangeSettings(t.Context(), h.admin, 0, changing(good))
	wantKind(t, err, apikey.Forbidden)
	narrow, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "narrow", Type: apikey.TypePersonal, Narrowed: true, Permissions: permission.NewSet("ManageApiKeys")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ChangeSettings(t.Context(), caller(narrow.Key), 0, changing(good))
	wantKind(t, err, apikey.Forbidden)
	for name, bad := range map[string]apikey.Settings{
		"prefix": {KeyPrefix: "P", MaxKeys: 9}, "no keys": {KeyPrefix: "kw"}, "lifetime": {KeyPrefix: "kw", MaxKeys: 9, MaxKeyLifetime: -1},
	} {
		_, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(bad))
		if apikey.KindOf(err) != apikey.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	org, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(good))
	if err != nil || org.Name != "New" || org.KeyCount != 3 {
		t.Fatalf("%+v, %v", org, err)
	}
	if minted, err := h.Create(t.Context(), h.admin, draft("pok")); err != nil || minted.Text.Prefix() != "pok" {
		t.Errorf("a new key is %s, %v", minted.Text, err)
	}
	_, err = h.ChangeSettings(t.Context(), h.owner, 1, changing(good))
	wantKind(t, err, apikey.PreconditionFailed)
}

// Only holders of its permission can read the audit log, filtered and by page.
func TestAuditEvents(t *testing.T) {
	h := newHouse(t)
	h.store.ReadAtMost(1 << 20)
	key := h.create(t, "k")
	reader := h.create(t, "reader", "AdministerApiKeys")
	_, err := h.AuditEvents(t.Context(), caller(reader), apikey.AuditFilter{}, apikey.Position{}, 10)
	wantKind(t, err, apikey.Forbidden)
	page, err := h.AuditEvents(t.Context(), h.admin, apikey.AuditFilter{Target: key.ID.String()}, apikey.Position{}, 10)
	if err != nil || len(page.Records) != 1 || page.Records[0].Key != h.own.ID || page.Next != nil {
		t.Errorf("%+v, %v", page, err)
	}
	seen := map[string]bool{}
	var before apikey.Position
	for {
		page, err := h.AuditEvents(t.Context(), h.admin, apikey.AuditFilter{}, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			seen[r.ID.String()] = true
		}
		if page.Next == nil {
			break
		}
		before = *page.Next
	}
	if all := h.audits(t); len(seen) != len(all) {
		t.Errorf("%d records in pages, %d in all", len(seen), len(all))
	}
}
