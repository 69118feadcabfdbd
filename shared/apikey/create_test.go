package apikey_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A new key's record holds what the caller wrote, the forms of its text that
// may be shown, and who created it. Its digest matches its text and no other.
func TestCreate(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "CI", Description: "d", Permissions: permission.NewSet("ViewTables", "ManageFiles", "ViewTables")})
	if err != nil {
		t.Fatal(err)
	}
	key, err := h.store.Key(t.Context(), minted.Key.ID)
	if err != nil {
		t.Fatal(err)
	}
	if key.Name != "CI" || key.Description != "d" || len(key.Permissions) != 2 || key.Version != 1 || key.Org != "demo" {
		t.Errorf("kept %+v", key)
	}
	if key.Redacted != minted.Text.Redacted() || key.Start != minted.Text.Start() || !key.CreatedOn.Equal(h.clock.Now()) {
		t.Errorf("shown as %s, %s, %s", key.Redacted, key.Start, key.CreatedOn)
	}
	if want := "api-key-" + strings.ToLower(h.own.Redacted); key.CreatedBy.Username != want || key.CreatedBy.UserID != h.own.ID.String() {
		t.Errorf("created by %+v", key.CreatedBy)
	}
	if ok, err := apikey.Matches(t.Context(), h.Digester, minted.Text, key.Digest); !ok || err != nil {
		t.Errorf("the key does not match its own digest: %v", err)
	}
	if ok, err := apikey.Matches(t.Context(), h.Digester, minted.Text, h.own.Digest); ok || err != nil {
		t.Errorf("the key matches another's digest: %v", err)
	}
}

// A creation that the caller may not make is refused with the right kind and
// leaves nothing behind: no key, no name claim, no audit record.
func TestCreateRefuses(t *testing.T) {
	h := newHouse(t)
	other := h.setup(t, "other").Admin.Key
	maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
	reader := h.create(t, "reader", "ManageFiles")
	long := strings.Repeat("é", 95)
	for name, c := range map[string]struct {
		by    apikey.Caller
		draft apikey.Draft
		kind  apikey.Kind
	}{
		"nobody":                   {apikey.Caller{}, draft("n"), apikey.Unauthenticated},
		"the gateway said another": {apikey.Caller{Org: "other", Key: h.own.ID}, draft("n"), apikey.Unauthenticated},
		"a key that is no more":    {apikey.Caller{Org: "demo", Key: [16]byte{1}}, draft("n"), apikey.Unauthenticated},
		"no permission":            {caller(reader), draft("n"), apikey.Forbidden},
		"more than it holds":       {caller(maker), draft("n", "ManageFiles", "ManageTables"), apikey.NotHeld},
		"to administer":            {caller(maker), draft("n", "AdministerApiKeys"), apikey.NotHeld},
		"no such permission":       {h.admin, draft("n", "manageFiles"), apikey.Invalid},
		"no name":                  {h.admin, draft(""), apikey.Invalid},
		"a blank name":             {h.admin, draft(" \u3000"), apikey.Invalid},
		"192 bytes":                {h.admin, apikey.Draft{Name: long, Description: "12"}, apikey.Invalid},
		"a control character":      {h.admin, draft("a\x00b"), apikey.Invalid},
		"a line break":             {h.admin, draft("a\nb"), apikey.Invalid},
		"turned text":              {h.admin, draft("a\u202eb"), apikey.Invalid},
		"replaced bytes":           {h.admin, draft("a\ufffdb"), apikey.Invalid},
		"isolated text":            {h.admin, draft("a\u2066b"), apikey.Invalid},
		"an invisible character":   {h.admin, draft("ad\u00admin"), apikey.Invalid},
		"a filler alone":           {h.admin, draft("\u3164"), apikey.Invalid},
		"a joiner alone":           {h.admin, draft("\u200d"), apikey.Invalid},
		"space at the end":         {h.admin, draft("maker "), apikey.Invalid},
		"not UTF-8":                {h.admin, draft("a\xffb"), apikey.Invalid},
		"a name that is taken":     {h.admin, draft("maker"), apikey.NameTaken},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(h.audits(t))
			_, err := h.Create(t.Context(), c.by, c.draft)
			wantKind(t, err, c.kind)
			if len(h.audits(t)) != before {
				t.Error("an audit record was left")
			}
		})
	}
	if org, _ := h.store.Organization(t.Context(), "demo"); org.KeyCount != 4 {
		t.Errorf("%d keys counted, want 4", org.KeyCount)
	}
	if _, err := h.Create(t.Context(), caller(other), draft("نامه\u200cای")); err != nil {
		t.Errorf("a name that is written with a joiner is refused: %v", err)
	}
	if _, err := h.Create(t.Context(), caller(other), draft("maker")); err != nil {
		t.Errorf("another organization cannot use the name: %v", err)
	}
	if _, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: long, Description: "1"}); err != nil {
		t.Errorf("191 bytes are refused: %v", err)
	}
}

// All faults of an input are reported at once, each with its field.
func TestEveryFaultAtOnce(t *testing.T) {
	h := newHouse(t)
	_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "a\x01", Description: strings.Repeat("d", 200), Permissions: permission.NewSet("x", "y")})
	var e *apikey.Error
	if !errors.As(err, &e) || len(e.Fields) != 4 {
		t.Fatalf("faults: %+v", err)
	}
}

// The quota holds under concurrency: exactly as many creations succeed as there
// is room for, and the others get the quota error.
func TestQuotaUnderConcurrency(t *testing.T) {
	h := newHouse(t)
	var wait sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wait.Go(func() { _, errs[i] = h.Create(t.Context(), h.admin, draft("key "+string(rune('A'+i)))) })
	}
	wait.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			wantKind(t, err, apikey.QuotaReached)
		}
	}
	if org, _ := h.store.Organization(t.Context(), "demo"); made != 3 || org.KeyCount != 5 {
		t.Errorf("%d made, %d counted", made, org.KeyCount)
	}
}

// A caller that is revoked or loses a permission between the check and the
// commit does not get its change: a key cannot outrun its own revocation.
func TestCallerIsCurrentAtTheChange(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, h *house, maker apikey.Key)
		kind      apikey.Kind
	}{
		"deleted": {func(t *testing.T, h *house, maker apikey.Key) {
			if err := h.Delete(t.Context(), h.admin, maker.ID, 0); err != nil {
				t.Error(err)
			}
		}, apikey.Unauthenticated},
		"narrowed": {func(t *testing.T, h *house, maker apikey.Key) {
			if _, _, err := h.Patch(t.Context(), h.admin, maker.ID, 0, replacing(draft("maker", "ManageApiKeys"))); err != nil {
				t.Error(err)
			}
		}, apikey.NotHeld},
		"no longer a manager": {func(t *testing.T, h *house, maker apikey.Key) {
			if _, _, err := h.Patch(t.Context(), h.admin, maker.ID, 0, replacing(draft("maker", "ManageFiles"))); err != nil {
				t.Error(err)
			}
		}, apikey.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
			h.store.before = func() { c.meanwhile(t, h, maker) }
			_, err := h.Create(t.Context(), caller(maker), draft("child", "ManageFiles"))
			wantKind(t, err, c.kind)
		})
	}
}
