package apikey_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// personal returns the draft of the caller's own key.
func personal(name string) apikey.Draft {
	return apikey.Draft{Name: name, Type: apikey.TypePersonal}
}

// Every user can create, see and delete their own personal keys without any
// permission, with a key or an access token. That includes keys that others
// created for them.
func TestEveryUserManagesOwnKeys(t *testing.T) {
	for _, role := range []apikey.Role{apikey.RoleMember, apikey.RoleManager} {
		for _, way := range []string{"key", "token"} {
			t.Run(string(role)+" by "+way, func(t *testing.T) {
				h := newHouse(t)
				h.roomy(t)
				user := h.user(t, apikey.UserDraft{Email: "u@example.com", Name: "U", Role: role})
				by := apikey.Caller{Org: "demo", User: user.ID}
				if way == "key" {
					by = h.as(t, user)
				}
				minted, err := h.Create(t.Context(), by, personal("mine"))
				if err != nil {
					t.Fatal(err)
				}
				given := h.personal(t, "given", user)
				for _, key := range []apikey.Key{minted.Key, given} {
					if _, _, err := h.Get(t.Context(), by, key.ID); err != nil {
						t.Errorf("%s is not shown: %v", key.Name, err)
					}
					off := true
					if after, _, err := h.Patch(t.Context(), by, key.ID, 0, apikey.Edit{Disabled: &off}); err != nil || !after.Disabled {
						t.Errorf("%s is not disabled: %v", key.Name, err)
					}
					if err := h.Delete(t.Context(), by, key.ID, 0); err != nil {
						t.Errorf("%s is not deleted: %v", key.Name, err)
					}
				}
			})
		}
	}
}

// Without a permission, users see only their own personal keys, both in lists,
// whatever the filter, and by id.
func TestKeysOfOthersAreInvisible(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user, other := h.user(t, member("u")), h.user(t, member("o"))
	by, theirs := h.as(t, user), h.personal(t, "theirs", other)
	shared, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "shared", Type: apikey.TypeShared, OnBehalfOf: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	h.personal(t, "given", user)
	for name, c := range map[string]struct {
		filter apikey.KeyFilter
		want   int
	}{
		"no filter":                 {apikey.KeyFilter{}, 2},
		"the user":                  {apikey.KeyFilter{OnBehalfOf: user.ID}, 2},
		"another user":              {apikey.KeyFilter{OnBehalfOf: other.ID}, 0},
		"the name of another's key": {apikey.KeyFilter{Name: "theirs"}, 0},
		"another maker":             {apikey.KeyFilter{CreatedBy: other.ID.String()}, 0},
	} {
		for how, known := range map[string]permission.Set{
			"not said": nil, "nothing": {}, "wrongly an administrator": apikey.OwnPermissions(),
		} {
			caller := by
			caller.User, caller.Held = user.ID, known
			found := 0
			for next := new(apikey.Position); next != nil; {
				page, err := h.List(t.Context(), caller, c.filter, *next, 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, key := range page.Keys {
					if key.Type != apikey.TypePersonal || key.OnBehalfOf != user.ID {
						t.Errorf("%s, %s: shows %s", name, how, key.Name)
					}
					found++
				}
				next = page.Next
			}
			if found != c.want {
				t.Errorf("%s, %s: %d keys, want %d", name, how, found, c.want)
			}
		}
	}
	for name, id := range map[string]uuid.UUID{"a service key": h.own.ID, "another's": theirs.ID, "a shared key": shared.Key.ID, "none": {9}} {
		for doing, err := range map[string]error{
			"shown": second(h.Get(t.Context(), by, id)), "changed": second(h.Patch(t.Context(), by, id, 0, apikey.Edit{})), "deleted": h.Delete(t.Context(), by, id, 0),
		} {
			if apikey.KindOf(err) != apikey.Forbidden || err.Error() != "The API key is valid but may not do this." {
				t.Errorf("%s is %s: %v", name, doing, err)
			}
		}
	}
}

func second(_ apikey.Key, _ apikey.Names, err error) error { return err }

// An organization can stop its users from creating their own keys. They can
// still see and delete them, and callers with a permission can still create
// keys.
func TestSelfServiceCanBeOff(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	by := h.as(t, user)
	own, err := h.Create(t.Context(), by, personal("before"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{NoSelfService: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	_, err = h.Create(t.Context(), by, personal("after"))
	wantKind(t, err, apikey.Forbidden)
	if _, _, err := h.Get(t.Context(), by, own.Key.ID); err != nil {
		t.Errorf("not shown: %v", err)
	}
	if err := h.Delete(t.Context(), by, own.Key.ID, 0); err != nil {
		t.Errorf("not deleted: %v", err)
	}
	manager := h.as(t, h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager}))
	if _, err := h.Create(t.Context(), manager, personal("a manager's")); err != nil {
		t.Errorf("a manager makes none: %v", err)
	}
}

// Self service gives nothing but the user's own personal keys: no other type,
// no other user, and no key with fewer limits than the key that created it.
func TestSelfServiceGivesNoMore(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user, other := h.user(t, member("u", "ViewTables")), h.user(t, member("o"))
	later := h.clock.Now().Add(2 * time.Hour)
	given := func(d apikey.Draft) apikey.Caller {
		t.Helper()
		d.OnBehalfOf = user.ID
		minted, err := h.Create(t.Context(), h.owner, d)
		if err != nil {
			t.Fatal(err)
		}
		return caller(minted.Key)
	}
	whole := h.as(t, user)
	limited := given(apikey.Draft{
		Name: "limited", Type: apikey.TypePersonal, AllowIPs: []string{"10.0.0.0/8"}, Services: []string{"files"}, ExpiresOn: h.clock.Now().Add(time.Hour),
	})
	narrow := given(apikey.Draft{Name: "narrow", Type: apikey.TypePersonal, Narrowed: true, Permissions: permission.NewSet("ViewTables")})
	shared := given(apikey.Draft{Name: "shared", Type: apikey.TypeShared})
	within := func(change func(*apikey.Draft)) apikey.Draft {
		d := apikey.Draft{Name: "child", Type: apikey.TypePersonal, AllowIPs: []string{"10.1.0.0/16"}, Services: []string{"files"}, ExpiresOn: h.clock.Now().Add(time.Hour)}
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		by    apikey.Caller
		draft apikey.Draft
		kind  apikey.Kind
	}{
		"a service key":            {whole, draft("s"), apikey.Forbidden},
		"a shared key":             {whole, apikey.Draft{Name: "s", Type: apikey.TypeShared, OnBehalfOf: user.ID}, apikey.Forbidden},
		"another's key":            {whole, apikey.Draft{Name: "s", Type: apikey.TypePersonal, OnBehalfOf: other.ID}, apikey.Forbidden},
		"by a shared key":          {shared, apikey.Draft{Name: "s", Type: apikey.TypePersonal, OnBehalfOf: user.ID}, apikey.Forbidden},
		"by a narrowed key":        {narrow, apikey.Draft{Name: "s", Type: apikey.TypePersonal, Narrowed: true}, apikey.Forbidden},
		"more than the user holds": {whole, apikey.Draft{Name: "s", Type: apikey.TypePersonal, Narrowed: true, Permissions: permission.NewSet("ManageFiles")}, apikey.NotHeld},
		"from anywhere":            {limited, within(func(d *apikey.Draft) { d.AllowIPs = nil }), apikey.NotHeld},
		"from elsewhere":           {limited, within(func(d *apikey.Draft) { d.AllowIPs = []string{"10.0.0.0/7"} }), apikey.NotHeld},
		"for every service":        {limited, within(func(d *apikey.Draft) { d.Services = nil }), apikey.NotHeld},
		"for longer":               {limited, within(func(d *apikey.Draft) { d.ExpiresOn = later }), apikey.NotHeld},
		"for ever":                 {limited, within(func(d *apikey.Draft) { d.ExpiresOn = time.Time{} }), apikey.NotHeld},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Create(t.Context(), c.by, c.draft)
			wantKind(t, err, c.kind)
		})
	}
	if _, err := h.Create(t.Context(), limited, within(func(*apikey.Draft) {})); err != nil {
		t.Errorf("no key within the limits: %v", err)
	}
}

// With self service alone, a key can be disabled or deleted, but not enabled,
// renamed, moved, loosened or revealed.
func TestSelfServiceEndsOnly(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u", permission.RevealAPIKeys))
	by := h.as(t, user)
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "given", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Recoverable: true, AllowIPs: []string{"10.0.0.0/8"}})
	if err != nil {
		t.Fatal(err)
	}
	given := minted.Key
	edit := func(e apikey.Edit) error { return second(h.Patch(t.Context(), by, given.ID, 0, e)) }
	for name, e := range map[string]apikey.Edit{
		"renamed": {Name: ptr("n")}, "narrowed": {Permissions: &permission.Set{permission.RevealAPIKeys}}, "moved": {OnBehalfOf: &h.person.ID},
		"loosened": {AllowIPs: &[]string{}}, "disabled and renamed": {Name: ptr("n"), Disabled: ptr(true)},
	} {
		t.Run(name, func(t *testing.T) { wantKind(t, edit(e), apikey.Forbidden) })
	}
	_, _, err = h.Reveal(t.Context(), by, given.ID)
	wantKind(t, err, apikey.Forbidden)
	if err := edit(apikey.Edit{Name: &given.Name, Disabled: ptr(true)}); err != nil {
		t.Errorf("not disabled: %v", err)
	}
	wantKind(t, edit(apikey.Edit{Disabled: ptr(false)}), apikey.Forbidden)
}

// A narrowed key can see and delete itself, but none of its user's other keys.
func TestNarrowedKeyManagesItself(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u", "ViewTables"))
	minted, err := h.Create(t.Context(), h.owner, narrowNamed("narrow", user.ID))
	if err != nil {
		t.Fatal(err)
	}
	by, whole := caller(minted.Key), h.personal(t, "whole", user)
	wantKind(t, second(h.Get(t.Context(), by, whole.ID)), apikey.Forbidden)
	wantKind(t, h.Delete(t.Context(), by, whole.ID, 0), apikey.Forbidden)
	_, err = h.List(t.Context(), by, apikey.KeyFilter{}, apikey.Position{}, 10)
	wantKind(t, err, apikey.Forbidden)
	if _, _, err := h.Get(t.Context(), by, minted.Key.ID); err != nil {
		t.Errorf("it does not see itself: %v", err)
	}
	if err := h.Delete(t.Context(), by, minted.Key.ID, 0); err != nil {
		t.Errorf("it does not end itself: %v", err)
	}
}

// A promotion disables keys that the user created by self service like any
// others, including one that somebody else created with a key they had seen.
func TestPromotionEndsSelfService(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	victim := h.user(t, member("u"))
	seen := h.as(t, victim)
	if _, err := h.Create(t.Context(), seen, personal("before")); err != nil {
		t.Fatal(err)
	}
	h.store.before = func() {
		if _, err := h.Create(t.Context(), seen, personal("meanwhile")); err != nil {
			t.Error(err)
		}
	}
	h.promote(t, victim)
	h.nobodyActsAs(t, victim)
}

// Users can delete their own damaged keys if the key's user can still be read.
// Another user's damaged key looks the same as a missing one.
func TestOwnDamagedKeysCanBeDeleted(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user, other := h.user(t, member("u")), h.user(t, member("o"))
	by, own, theirs := h.as(t, user), h.personal(t, "own", user), h.personal(t, "theirs", other)
	for _, key := range []apikey.Key{own, theirs} {
		h.store.Damage(apikey.KeyRef(key.ID))
	}
	wantKind(t, h.Delete(t.Context(), by, theirs.ID, 0), apikey.Forbidden)
	if err := h.Delete(t.Context(), by, own.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.gone(t, apikey.KeyRef(own.ID))
}

// A personal key needs an existing user to be enabled. Removing its user
// disables it until it has another one.
func TestPersonalKeysNeedAUserToBeEnabled(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	key := h.personal(t, "key", user)
	patch := func(e apikey.Edit) (apikey.Key, error) {
		after, _, err := h.Patch(t.Context(), h.owner, key.ID, 0, e)
		return after, err
	}
	none, on := uuid.UUID{}, apikey.Edit{Disabled: ptr(false)}
	_, err := patch(apikey.Edit{OnBehalfOf: &none, Disabled: ptr(false)})
	wantFields(t, err, "onBehalfOf")
	if after, err := patch(apikey.Edit{OnBehalfOf: &none}); err != nil || !after.Disabled || !after.OnBehalfOf.IsZero() {
		t.Errorf("%+v, %v", after, err)
	}
	_, err = patch(on)
	wantFields(t, err, "onBehalfOf")
	if after, err := patch(apikey.Edit{OnBehalfOf: &user.ID}); err != nil || !after.Disabled {
		t.Errorf("a user enables it: %+v, %v", after, err)
	}
	if after, err := patch(on); err != nil || after.Disabled {
		t.Errorf("%+v, %v", after, err)
	}
	if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = patch(on)
	wantFields(t, err, "onBehalfOf")
}

// Users who create keys of their own stop at half of the organization's quota,
// even all at once. The rest is for callers with a permission.
func TestSelfServiceLeavesHalfOfTheQuota(t *testing.T) {
	h := newHouse(t)
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{MaxKeys: ptr(9)}); err != nil {
		t.Fatal(err)
	}
	users := []apikey.User{h.user(t, member("u")), h.user(t, member("o"))}
	made := 0
	h.store.refuse = func(_ context.Context, change apikey.Change) error {
		if made != 2 {
			return nil
		}
		h.store.refuse = nil
		_, err := h.Create(t.Context(), apikey.Caller{Org: "demo", User: users[1].ID}, personal("meanwhile"))
		if err == nil {
			made++
		}
		return nil
	}
	for i := range 9 {
		_, err := h.Create(t.Context(), apikey.Caller{Org: "demo", User: users[i%2].ID}, personal(fmt.Sprint("own ", i)))
		if err == nil {
			made++
		} else {
			wantKind(t, err, apikey.QuotaReached)
		}
	}
	if made != 3 { // the house has two keys
		t.Errorf("%d keys by self service, want 3", made)
	}
	for i := range 4 {
		h.create(t, fmt.Sprint("made with a permission ", i))
	}
}
