package apikey_test

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// tenants are keys and users of an organization with different rights.
type tenants struct {
	*house
	callers map[string]apikey.Caller
	keys    map[string]uuid.UUID
}

func newTenants(t *testing.T) *tenants {
	t.Helper()
	h := newHouse(t)
	most := 50
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	o := &tenants{h, map[string]apikey.Caller{"OWNER": h.owner, "admin": h.admin}, map[string]uuid.UUID{"OWNER": h.owner.Key, "admin": h.admin.Key}}
	o.add(t, "manager", h.admin, draft("manager", "ManageApiKeys", "ManageFiles"))
	o.add(t, "weak admin", h.admin, draft("weak admin", "AdministerApiKeys"))
	o.add(t, "made by manager", o.callers["manager"], draft("made by manager", "ManageFiles"))
	o.add(t, "files", h.admin, draft("files", "ManageFiles"))
	o.add(t, "self", h.admin, draft("self", "SelfRotate"))
	member, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{
		Email: "m@example.com", Name: "M", Role: apikey.RoleMember, Permissions: permission.NewSet("ManageFiles", "SelfRotate"),
	})
	if err != nil {
		t.Fatal(err)
	}
	o.callers["member's token"] = apikey.Caller{Org: "demo", User: member.ID}
	personal := func(name string, change func(*apikey.Draft)) {
		d := apikey.Draft{Name: name, Type: apikey.TypePersonal}
		change(&d)
		o.add(t, name, o.callers["member's token"], d)
	}
	personal("member", func(*apikey.Draft) {})
	personal("limited", func(d *apikey.Draft) { d.AllowIPs = []string{"192.0.2.1"} })
	personal("short", func(d *apikey.Draft) { d.ExpiresOn = h.clock.Now().Add(time.Hour) })
	personal("narrow", func(d *apikey.Draft) { d.Narrowed, d.Permissions = true, permission.NewSet("ManageFiles") })
	personal("narrow self", func(d *apikey.Draft) { d.Narrowed, d.Permissions = true, permission.NewSet("SelfRotate") })
	return o
}

func (o *tenants) add(t *testing.T, name string, by apikey.Caller, d apikey.Draft) {
	t.Helper()
	minted, err := o.Create(t.Context(), by, d)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	o.callers[name], o.keys[name] = caller(minted.Key), minted.Key.ID
}

// A key is rotated by who may change it, by its user and, with SelfRotate, by
// itself; and by nobody who could then do what they cannot do without it. Ending
// the previous secret needs the same rights, but not what the key holds.
func TestWhoRotates(t *testing.T) {
	const may = apikey.Kind(-1)
	for _, c := range []struct {
		by, key     string
		rotate, end apikey.Kind
	}{
		{"OWNER", "admin", may, may},
		{"OWNER", "member", may, may},
		{"admin", "files", may, may},
		{"admin", "admin", may, may},
		{"admin", "member", may, may},
		{"admin", "OWNER", apikey.NotHeld, may},
		{"weak admin", "files", apikey.NotHeld, may},
		{"weak admin", "OWNER", apikey.NotHeld, may},
		{"weak admin", "weak admin", may, may},
		{"manager", "made by manager", may, may},
		{"manager", "files", apikey.Forbidden, apikey.Forbidden},
		{"manager", "manager", apikey.Forbidden, apikey.Forbidden},
		{"manager", "member", apikey.Forbidden, apikey.Forbidden},
		{"files", "files", apikey.Forbidden, apikey.Forbidden},
		{"files", "self", apikey.Forbidden, apikey.Forbidden},
		{"self", "self", may, may},
		{"self", "files", apikey.Forbidden, apikey.Forbidden},
		{"member's token", "member", may, may},
		{"member's token", "limited", may, may},
		{"member's token", "narrow", may, may},
		{"member's token", "OWNER", apikey.Forbidden, apikey.Forbidden},
		{"member", "member", may, may},
		{"member", "limited", may, may},
		{"member", "narrow", may, may},
		{"member", "files", apikey.Forbidden, apikey.Forbidden},
		{"limited", "limited", may, may},
		{"limited", "member", apikey.NotHeld, may},
		{"short", "short", may, may},
		{"short", "member", apikey.NotHeld, may},
		{"narrow", "narrow", apikey.Forbidden, apikey.Forbidden},
		{"narrow", "member", apikey.Forbidden, apikey.Forbidden},
		{"narrow self", "narrow self", may, may},
		{"narrow self", "member", apikey.Forbidden, apikey.Forbidden},
		{"narrow self", "narrow", apikey.Forbidden, apikey.Forbidden},
	} {
		o := newTenants(t)
		minted, err := o.Rotate(t.Context(), o.callers[c.by], o.keys[c.key], 0, apikey.Rotation{})
		if got := kindOr(err, may); got != c.rotate || err != nil && minted.Text.Reveal() != "" {
			t.Errorf("%s rotates %s: %v, want kind %d", c.by, c.key, err, c.rotate)
		}
		o = newTenants(t)
		overlapping, err := o.Rotate(t.Context(), o.callers["OWNER"], o.keys[c.key], 0, apikey.Rotation{Overlap: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		by := o.callers[c.by]
		if by.Key == overlapping.Key.ID {
			by.Generation = 2
		}
		if got := kindOr(o.EndPreviousSecret(t.Context(), by, o.keys[c.key], 0), may); got != c.end {
			t.Errorf("%s ends the previous secret of %s: kind %d, want %d", c.by, c.key, got, c.end)
		}
	}
}

func kindOr(err error, none apikey.Kind) apikey.Kind {
	if err == nil {
		return none
	}
	return apikey.KindOf(err)
}

// What became of the key and of the caller since then counts: a key that was
// given more than its maker holds, or whose policy is gone, is not handed over.
func TestRotateChecksWhatTheKeyHoldsNow(t *testing.T) {
	o := newTenants(t)
	manager, key := o.callers["manager"], o.keys["made by manager"]
	wider := permission.NewSet("ManageFiles", "ViewTables")
	if _, _, err := o.Patch(t.Context(), o.admin, key, 0, apikey.Edit{Permissions: &wider}); err != nil {
		t.Fatal(err)
	}
	_, err := o.Rotate(t.Context(), manager, key, 0, apikey.Rotation{})
	wantKind(t, err, apikey.NotHeld)

	o = newTenants(t)
	_, err = o.Rotate(t.Context(), o.callers["manager"], o.keys["made by manager"], 0, apikey.Rotation{})
	if err != nil {
		t.Fatal(err)
	}
	other := o.setup(t, "other")
	_, err = o.Rotate(t.Context(), caller(other.Admin.Key), o.keys["files"], 0, apikey.Rotation{})
	wantKind(t, err, apikey.NotFound)
	wantKind(t, o.EndPreviousSecret(t.Context(), caller(other.Admin.Key), o.keys["files"], 0), apikey.NotFound)
}

// A secret that has ended can do nothing, even if the authorizer let it through
// a moment earlier: it neither rotates its key nor creates another.
func TestEndedSecretIsNobody(t *testing.T) {
	o := newTenants(t)
	old, key := o.callers["weak admin"], o.keys["weak admin"]
	second, err := o.Rotate(t.Context(), old, key, 0, apikey.Rotation{Overlap: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.WhoAmI(t.Context(), old); err != nil {
		t.Errorf("the previous secret does not work during the overlap: %v", err)
	}
	if err := o.EndPreviousSecret(t.Context(), o.admin, key, 0); err != nil {
		t.Fatal(err)
	}
	_, err = o.Rotate(t.Context(), old, key, 0, apikey.Rotation{})
	wantKind(t, err, apikey.Unauthenticated)
	_, err = o.Create(t.Context(), old, draft("spare"))
	wantKind(t, err, apikey.Unauthenticated)
	unknown := old
	unknown.Generation = 9
	_, err = o.WhoAmI(t.Context(), unknown)
	wantKind(t, err, apikey.Unauthenticated)
	if _, err = o.WhoAmI(t.Context(), caller(second.Key)); err != nil {
		t.Error(err)
	}
}

// A rotation is decided on the key as it is when it commits: a deletion wins, a
// change is kept, and of two rotations that want the same version one is
// refused.
func TestRotateRaces(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*tenants, uuid.UUID) error
		version   int64
		want      apikey.Kind
	}{
		"deleted":      {func(o *tenants, id uuid.UUID) error { return o.Delete(t.Context(), o.admin, id, 0) }, 0, apikey.NotFound},
		"renamed":      {func(o *tenants, id uuid.UUID) error { return o.edit(t, id, apikey.Edit{Name: new("new")}) }, 0, -1},
		"renamed, tag": {func(o *tenants, id uuid.UUID) error { return o.edit(t, id, apikey.Edit{Name: new("new")}) }, 1, apikey.PreconditionFailed},
		"disabled":     {func(o *tenants, id uuid.UUID) error { return o.edit(t, id, apikey.Edit{Disabled: new(true)}) }, 0, apikey.NotRotatable},
		"given more": {func(o *tenants, id uuid.UUID) error {
			return o.edit(t, id, apikey.Edit{Permissions: new(permission.NewSet("ViewTables"))})
		}, 0, apikey.NotHeld},
		"rotated, overlapping": {func(o *tenants, id uuid.UUID) error {
			_, err := o.Rotate(t.Context(), o.admin, id, 0, apikey.Rotation{Overlap: time.Hour})
			return err
		}, 0, apikey.SecretLive},
		"rotated": {func(o *tenants, id uuid.UUID) error {
			_, err := o.Rotate(t.Context(), o.admin, id, 0, apikey.Rotation{})
			return err
		}, 0, -1},
	} {
		o := newTenants(t)
		id := o.keys["made by manager"]
		o.store.before = func() {
			if err := c.meanwhile(o, id); err != nil {
				t.Error(err)
			}
		}
		minted, err := o.Rotate(t.Context(), o.callers["manager"], id, c.version, apikey.Rotation{})
		if kindOr(err, -1) != c.want {
			t.Errorf("%s: error %v, want kind %d", name, err, c.want)
		}
		if err != nil {
			continue
		}
		stored := o.stored(t, id)
		if right, err := apikey.Matches(t.Context(), o.Digester, minted.Text, stored.Digest); !right || err != nil || stored.Version != 3 {
			t.Errorf("%s: the answered text is not the key's: %+v, %v", name, stored, err)
		}
		if name == "renamed" && stored.Name != "new" {
			t.Errorf("the new name is lost: %s", stored.Name)
		}
	}
}

func (o *tenants) edit(t *testing.T, id uuid.UUID, edit apikey.Edit) error {
	t.Helper()
	_, _, err := o.Patch(t.Context(), o.admin, id, 0, edit)
	return err
}
