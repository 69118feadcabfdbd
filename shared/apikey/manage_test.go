package apikey_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

func (h *house) audits(t *testing.T) []apikey.AuditRecord {
	t.Helper()
	return apikeytest.AuditLog(t, h.store, "demo")
}

// With AdministerApiKeys a caller manages every key of its organization; with
// ManageApiKeys, those that it created. A key of another organization does not
// exist for it.
func TestWhoManagesWhat(t *testing.T) {
	h := newHouse(t)
	stranger := h.setup(t, "other").Admin.Key
	maker := h.create(t, "maker", "ManageApiKeys")
	reader := h.create(t, "reader", "ManageFiles")
	minted, err := h.Create(t.Context(), caller(maker), draft("made by maker"))
	if err != nil {
		t.Fatal(err)
	}
	made := minted.Key
	for name, c := range map[string]struct {
		by   apikey.Key
		id   uuid.UUID
		kind apikey.Kind
	}{
		"manager, another's":        {maker, reader.ID, apikey.Forbidden},
		"manager, itself":           {maker, maker.ID, apikey.Forbidden},
		"neither":                   {reader, reader.ID, apikey.Forbidden},
		"admin, other organization": {h.own, stranger.ID, apikey.NotFound},
		"stranger":                  {stranger, made.ID, apikey.NotFound},
		"admin, no such key":        {h.own, uuid.UUID{9}, apikey.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := h.Get(t.Context(), caller(c.by), c.id)
			wantKind(t, err, c.kind)
			_, _, err = h.Patch(t.Context(), caller(c.by), c.id, 0, replacing(draft("n")))
			wantKind(t, err, c.kind)
			_, _, err = h.Patch(t.Context(), caller(c.by), c.id, 0, apikey.Edit{})
			wantKind(t, err, c.kind)
			wantKind(t, h.Delete(t.Context(), caller(c.by), c.id, 0), c.kind)
		})
	}
	for _, by := range []apikey.Key{maker, h.own} {
		if _, _, err := h.Get(t.Context(), caller(by), made.ID); err != nil {
			t.Error(err)
		}
	}
	if err := h.Delete(t.Context(), caller(maker), made.ID, 0); err != nil {
		t.Error(err)
	}
}

// Another organization's key and a missing key give exactly the same error.
func TestForeignKeyIsNoKey(t *testing.T) {
	h := newHouse(t)
	stranger := h.setup(t, "other").Admin.Key
	_, _, foreign := h.Get(t.Context(), h.admin, stranger.ID)
	_, _, none := h.Get(t.Context(), h.admin, uuid.UUID{9})
	if foreign == nil || none == nil || foreign.Error() != none.Error() {
		t.Errorf("%v, %v", foreign, none)
	}
}

// Replacing a key writes every writable field, and no other.
func TestReplace(t *testing.T) {
	h := newHouse(t)
	before := h.create(t, "before", "ManageFiles")
	h.clock.Advance(time.Hour)
	after, _, err := h.Patch(t.Context(), h.admin, before.ID, before.Version, replacing(apikey.Draft{Name: "after", Description: "d"}))
	if err != nil {
		t.Fatal(err)
	}
	if after.Name != "after" || after.Description != "d" || len(after.Permissions) != 0 || after.Version != 2 {
		t.Errorf("after: %+v", after)
	}
	if after.Digest != before.Digest || after.CreatedBy != before.CreatedBy || !after.LastModifiedOn.Equal(h.clock.Now()) || after.LastModifiedBy != h.own.Actor() {
		t.Errorf("after: %+v", after)
	}
	if h.create(t, "before").Name != "before" {
		t.Error("the old name is not free")
	}
	_, _, err = h.Patch(t.Context(), h.admin, before.ID, 0, replacing(draft("before")))
	wantKind(t, err, apikey.NameTaken)
}

// A change to what a key already has is not recorded: no new version, no
// modifier, no audit record. It is still refused if the caller may not make it.
func TestChangeOfNothing(t *testing.T) {
	h := newHouse(t)
	same := apikey.Draft{
		Name: "key", Description: "d", Permissions: permission.Set{"ManageFiles"}, Services: []string{"files"},
		NotBefore: h.clock.Now().Truncate(time.Second), ExpiresOn: h.clock.Now().Add(time.Hour).Truncate(time.Second), AllowIPs: []string{"192.0.2.0/24"},
	}
	minted, err := h.Create(t.Context(), h.admin, same)
	if err != nil {
		t.Fatal(err)
	}
	key, records := minted.Key, len(h.audits(t))
	h.clock.Advance(time.Minute)
	patched, _, err := h.Patch(t.Context(), h.admin, key.ID, key.Version, apikey.Edit{})
	if err != nil || !reflect.DeepEqual(patched, key) {
		t.Errorf("patched with nothing: %+v, %v", patched, err)
	}
	replaced, _, err := h.Patch(t.Context(), h.admin, key.ID, key.Version, replacing(same))
	if err != nil || !reflect.DeepEqual(replaced, key) {
		t.Errorf("replaced by itself: %+v, %v", replaced, err)
	}
	if kept, _, err := h.Get(t.Context(), h.admin, key.ID); err != nil || kept.Version != 1 || len(h.audits(t)) != records {
		t.Errorf("version %d, %d new audit records, %v", kept.Version, len(h.audits(t))-records, err)
	}
	_, _, err = h.Patch(t.Context(), h.admin, key.ID, 2, apikey.Edit{})
	wantKind(t, err, apikey.PreconditionFailed)
}

// A change that names a version other than the current one is refused. One that
// names none wins over a concurrent change.
func TestVersions(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "key")
	name := "changed"
	edit := apikey.Edit{Name: &name}
	_, _, err := h.Patch(t.Context(), h.admin, key.ID, 7, edit)
	wantKind(t, err, apikey.PreconditionFailed)
	wantKind(t, h.Delete(t.Context(), h.admin, key.ID, 7), apikey.PreconditionFailed)

	meanwhile := func() {
		if _, _, err := h.Patch(t.Context(), h.admin, key.ID, 0, replacing(apikey.Draft{Name: "other", Description: "kept"})); err != nil {
			t.Error(err)
		}
	}
	h.store.before = meanwhile
	after, _, err := h.Patch(t.Context(), h.admin, key.ID, 0, edit)
	if err != nil || after.Name != "changed" || after.Description != "kept" || after.Version != 3 {
		t.Errorf("after both: %+v, %v", after, err)
	}
	h.store.before = meanwhile
	again := "changed again"
	_, _, err = h.Patch(t.Context(), h.admin, key.ID, 3, apikey.Edit{Name: &again})
	wantKind(t, err, apikey.PreconditionFailed)
}

// A manager can keep and remove permissions it does not hold, but cannot add
// them. No key can widen itself, directly or through a key that it created.
func TestCeilingOnChange(t *testing.T) {
	h := newHouse(t)
	maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
	minted, err := h.Create(t.Context(), caller(maker), draft("child", "ManageApiKeys", "ManageFiles"))
	if err != nil {
		t.Fatal(err)
	}
	child := minted.Key.ID
	wide := draft("child", "ManageFiles", "ManageTables")
	_, _, err = h.Patch(t.Context(), caller(maker), child, 0, replacing(wide))
	wantKind(t, err, apikey.NotHeld)
	if _, _, err := h.Patch(t.Context(), h.admin, child, 0, replacing(wide)); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []apikey.Draft{{Name: "renamed", Permissions: wide.Permissions}, draft("renamed", "ManageFiles")} {
		if _, _, err := h.Patch(t.Context(), caller(maker), child, 0, replacing(keep)); err != nil {
			t.Error(err)
		}
	}
	_, _, err = h.Patch(t.Context(), caller(maker), child, 0, replacing(wide))
	wantKind(t, err, apikey.NotHeld)
}

// Each change leaves exactly one audit record that says who, what and when,
// with the key before and after.
func TestAudit(t *testing.T) {
	h := newHouse(t)
	start := len(h.audits(t))
	h.clock.Advance(time.Second)
	by := h.admin
	by.UserAgent, by.RequestID = "curl/8", "req-1"
	minted, err := h.Create(t.Context(), by, draft("key", "ManageFiles"))
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Second)
	if _, _, err := h.Patch(t.Context(), by, minted.Key.ID, 0, replacing(draft("renamed"))); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Second)
	if err := h.Delete(t.Context(), by, minted.Key.ID, 0); err != nil {
		t.Fatal(err)
	}
	records := h.audits(t)[start:]
	if len(records) != 3 {
		t.Fatalf("%d records", len(records))
	}
	want := []struct {
		action        apikey.Action
		before, after string
	}{{apikey.ActionCreateKey, "", "key"}, {apikey.ActionUpdateKey, "key", "renamed"}, {apikey.ActionDeleteKey, "renamed", ""}}
	for i, r := range records {
		if r.Action != want[i].action || r.Target != minted.Key.ID.String() || r.Actor != h.own.Actor() || r.UserAgent != "curl/8" || r.RequestID != "req-1" {
			t.Errorf("record %d: %+v", i, r)
		}
		if nameOf(r.Before) != want[i].before || nameOf(r.After) != want[i].after {
			t.Errorf("record %d: from %v to %v", i, r.Before, r.After)
		}
	}
}

func nameOf(facts map[string]string) string {
	return facts["name"]
}

// A listing is complete, in order of creation and page by page, and holds only
// the caller's organization.
func TestList(t *testing.T) {
	h := newHouse(t)
	h.store.ReadAtMost(1 << 20)
	h.setup(t, "other")
	for _, name := range []string{"c", "a", "b"} {
		h.clock.Advance(time.Second)
		h.create(t, name)
	}
	var names []string
	var after apikey.Position
	for pages := 1; ; pages++ {
		page, err := h.List(t.Context(), h.admin, apikey.KeyFilter{}, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Keys {
			names = append(names, key.Name)
		}
		if page.Next == nil {
			if pages != 2 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		after = *page.Next
	}
	if len(names) != 5 || !slices.Equal(names[2:], []string{"c", "a", "b"}) {
		t.Errorf("listed %v", names)
	}
	for _, limit := range []int{0, -1, 101} {
		_, err := h.List(t.Context(), h.admin, apikey.KeyFilter{}, apikey.Position{}, limit)
		wantKind(t, err, apikey.Invalid)
	}
}
