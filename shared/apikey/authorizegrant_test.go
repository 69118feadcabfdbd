package apikey_test

import (
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// as returns a caller who acts as the user, through a personal key.
func (h *house) as(t *testing.T, user apikey.User) apikey.Caller {
	t.Helper()
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "of " + user.Email, Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	return caller(minted.Key)
}

// Nobody can use a key to act as someone else: not by creating one that stands
// for the other user, however narrow, and not by moving or widening one.
func TestIdentityIsNotLent(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	manager := h.as(t, h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager}))
	admin := h.user(t, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin, Permissions: everything(t, h)})
	other := h.user(t, member("other"))
	narrow := func(user uuid.UUID, typ apikey.KeyType) apikey.Draft {
		return apikey.Draft{Name: "n", Type: typ, OnBehalfOf: user, Narrowed: typ == apikey.TypePersonal}
	}
	for name, c := range map[string]struct {
		by    apikey.Caller
		draft apikey.Draft
	}{
		"a manager, for an OWNER":          {manager, narrow(h.person.ID, apikey.TypePersonal)},
		"a manager, for a member":          {manager, narrow(other.ID, apikey.TypePersonal)},
		"a manager, shared":                {manager, narrow(other.ID, apikey.TypeShared)},
		"a manager, shared by default":     {manager, narrow(uuid.UUID{}, apikey.TypeShared)},
		"an ADMIN with all, for an OWNER":  {h.as(t, admin), apikey.Draft{Name: "n", Type: apikey.TypePersonal, OnBehalfOf: h.person.ID}},
		"a service key, for an OWNER":      {h.admin, narrow(h.person.ID, apikey.TypePersonal)},
		"api_keys_write alone, for OWNERs": {scoped(h.create(t, "w", "api_keys_write")), narrow(h.person.ID, apikey.TypePersonal)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Create(t.Context(), c.by, c.draft)
			wantKind(t, err, apikey.NotHeld)
		})
	}
	if _, err := h.Create(t.Context(), manager, apikey.Draft{Name: "own", Type: apikey.TypePersonal}); err != nil {
		t.Errorf("a manager has no key of his own: %v", err)
	}
	if _, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "for other", Type: apikey.TypePersonal, OnBehalfOf: other.ID}); err != nil {
		t.Errorf("an administrator cannot make a member's key: %v", err)
	}
	key, err := h.Create(t.Context(), h.admin, narrowNamed("moved", other.ID))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Patch(t.Context(), h.admin, key.Key.ID, 0, apikey.Edit{OnBehalfOf: &h.person.ID})
	wantKind(t, err, apikey.NotHeld)
}

func narrowNamed(name string, user uuid.UUID) apikey.Draft {
	return apikey.Draft{Name: name, Type: apikey.TypePersonal, OnBehalfOf: user, Narrowed: true}
}

func scoped(key apikey.Key) apikey.Caller {
	by := caller(key)
	by.Scoped = true
	return by
}

// A narrowed key cannot create a key with its user's full powers, even if it
// holds every permission: an OWNER can do what no permission covers.
func TestNarrowedKeyStaysNarrow(t *testing.T) {
	h := newHouse(t)
	narrow, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "narrow", Type: apikey.TypePersonal, Narrowed: true, Permissions: everything(t, h)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Create(t.Context(), caller(narrow.Key), apikey.Draft{Name: "whole", Type: apikey.TypePersonal})
	wantKind(t, err, apikey.NotHeld)
}

// Only an OWNER can change an OWNER, including the e-mail address. To change
// anybody's address, the caller must hold what the user holds.
func TestAddressesAreNotTakenOver(t *testing.T) {
	h := newHouse(t)
	clerk := caller(h.create(t, "clerk", "AdministerUsers"))
	strong := h.user(t, member("strong", "ManageTables"))
	_, err := h.ReplaceUser(t.Context(), clerk, h.person.ID, 0, apikey.UserDraft{Email: "evil@example.com", Name: "Owner", Role: apikey.RoleOwner})
	wantKind(t, err, apikey.NotHeld)
	moved := member("strong", "ManageTables")
	moved.Email = "evil@example.com"
	_, err = h.ReplaceUser(t.Context(), clerk, strong.ID, 0, moved)
	wantKind(t, err, apikey.NotHeld)
	renamed := member("strong", "ManageTables")
	renamed.Name = "Renamed"
	if _, err := h.ReplaceUser(t.Context(), clerk, strong.ID, 0, renamed); err != nil {
		t.Errorf("a name cannot be changed: %v", err)
	}
}

// Reviving a dead key requires the same as creating it: the caller must hold
// everything it grants. No key can change its own limits.
func TestRevivingIsGranting(t *testing.T) {
	h := newHouse(t)
	maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
	minted, err := h.Create(t.Context(), caller(maker), draft("child", "ManageFiles"))
	if err != nil {
		t.Fatal(err)
	}
	on, off, later := false, true, h.clock.Now().Add(time.Hour)
	set := func(by apikey.Caller, id uuid.UUID, edit apikey.Edit) error {
		_, _, err := h.Patch(t.Context(), by, id, 0, edit)
		return err
	}
	if err := set(caller(maker), minted.Key.ID, apikey.Edit{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	if err := set(h.admin, maker.ID, apikey.Edit{Permissions: &permission.Set{"ManageApiKeys"}}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, set(caller(maker), minted.Key.ID, apikey.Edit{Disabled: &on}), apikey.NotHeld)
	description := "still off"
	if err := set(caller(maker), minted.Key.ID, apikey.Edit{Description: &description}); err != nil {
		t.Errorf("a dead key cannot be described: %v", err)
	}
	if err := set(h.admin, h.own.ID, apikey.Edit{ExpiresOn: &later, AllowIPs: &[]string{"10.0.0.0/8"}}); err != nil {
		t.Errorf("a key cannot tighten its own limits: %v", err)
	}
	wantKind(t, set(h.admin, h.own.ID, apikey.Edit{ExpiresOn: &time.Time{}}), apikey.Forbidden)
	wantKind(t, set(h.admin, h.own.ID, apikey.Edit{AllowIPs: &[]string{"10.0.0.0/8", "192.0.2.1"}}), apikey.Forbidden)
}

// To loosen a live key's limits, the caller must hold everything that the key
// grants. Tightening them does not require that.
func TestLooseningIsGranting(t *testing.T) {
	h := newHouse(t)
	maker := h.create(t, "maker", "ManageApiKeys", "ManageFiles")
	soon, later, now := h.clock.Now().Add(time.Hour), h.clock.Now().Add(2*time.Hour), h.clock.Now()
	minted, err := h.Create(t.Context(), caller(maker), apikey.Draft{
		Name: "child", Permissions: permission.NewSet("ManageFiles"), NotBefore: now.Add(time.Minute), ExpiresOn: soon,
		AllowIPs: []string{"10.0.0.0/8"}, Services: []string{"files"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Patch(t.Context(), h.admin, maker.ID, 0, apikey.Edit{Permissions: &permission.Set{"ManageApiKeys"}}); err != nil {
		t.Fatal(err)
	}
	set := func(edit apikey.Edit) error {
		_, _, err := h.Patch(t.Context(), caller(maker), minted.Key.ID, 0, edit)
		return err
	}
	for name, edit := range map[string]apikey.Edit{
		"no expiry": {ExpiresOn: &time.Time{}}, "later expiry": {ExpiresOn: &later}, "at once": {NotBefore: &now},
		"any address": {AllowIPs: &[]string{}}, "other addresses": {AllowIPs: &[]string{"10.1.0.0/16", "192.0.2.0/24"}},
		"a wider range": {AllowIPs: &[]string{"10.0.0.0/7"}}, "any service": {Services: &[]string{}},
	} {
		t.Run(name, func(t *testing.T) { wantKind(t, set(edit), apikey.NotHeld) })
	}
	if err := set(apikey.Edit{AllowIPs: &[]string{"10.1.0.0/16", "10.2.3.4"}, ExpiresOn: ptr(soon.Add(-time.Minute))}); err != nil {
		t.Errorf("limits cannot be tightened: %v", err)
	}
}

// Loosening the limits of a disabled key requires the same, because whoever
// enables the key later gets the limits of that moment.
func TestLooseningOfDisabledKeysIsGranting(t *testing.T) {
	h := newHouse(t)
	clerk := caller(h.create(t, "clerk", "AdministerApiKeys"))
	key, err := h.Create(t.Context(), h.admin, apikey.Draft{
		Name: "limited", Permissions: permission.NewSet("ManageFiles"), NotBefore: h.clock.Now().Add(time.Minute), ExpiresOn: h.clock.Now().Add(time.Hour),
		AllowIPs: []string{"10.0.0.0/8"}, Services: []string{"files"},
	})
	if err != nil {
		t.Fatal(err)
	}
	off, description := true, "off"
	if _, _, err := h.Patch(t.Context(), clerk, key.Key.ID, 0, apikey.Edit{Disabled: &off, Description: &description}); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]apikey.Edit{
		"no expiry": {ExpiresOn: &time.Time{}}, "at once": {NotBefore: &time.Time{}},
		"any address": {AllowIPs: &[]string{}}, "any service": {Services: &[]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := h.Patch(t.Context(), clerk, key.Key.ID, 0, edit)
			wantKind(t, err, apikey.NotHeld)
		})
	}
	if _, _, err := h.Patch(t.Context(), clerk, key.Key.ID, 0, apikey.Edit{AllowIPs: &[]string{"10.1.0.0/16"}, Description: ptr("still off")}); err != nil {
		t.Errorf("a disabled key cannot be tightened and described: %v", err)
	}
}

func ptr[T any](value T) *T { return &value }

// A caller can add only permissions it holds to a narrowed key's list, even if
// the key's user does not hold them yet.
func TestNarrowedListIsGranted(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
	narrow, err := h.Create(t.Context(), h.as(t, user), apikey.Draft{Name: "narrow", Type: apikey.TypePersonal, Narrowed: true, Permissions: permission.NewSet("ManageApiKeys")})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Patch(t.Context(), caller(narrow.Key), narrow.Key.ID, 0, apikey.Edit{Permissions: &permission.Set{"AdministerApiKeys", "ManageApiKeys"}})
	wantKind(t, err, apikey.NotHeld)
}

// When a user becomes an OWNER, all their personal keys are disabled, because
// others may have seen them. Only an OWNER or that user can enable them again.
func TestPromotionDisablesKeys(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
	lent := h.personal(t, "lent", user)
	own, err := h.Create(t.Context(), caller(lent), apikey.Draft{Name: "own", Type: apikey.TypePersonal})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ReplaceUser(t.Context(), h.owner, user.ID, 0, apikey.UserDraft{Email: user.Email, Name: "M", Role: apikey.RoleOwner}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []apikey.Key{lent, own.Key} {
		_, err = h.WhoAmI(t.Context(), caller(key))
		wantKind(t, err, apikey.Unauthenticated)
		on := false
		_, _, err = h.Patch(t.Context(), h.admin, key.ID, 0, apikey.Edit{Disabled: &on})
		wantKind(t, err, apikey.NotHeld)
	}
	if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
		t.Errorf("the user cannot go: %v", err)
	}

	second := h.user(t, apikey.UserDraft{Email: "s@example.com", Name: "S", Role: apikey.RoleManager})
	given := h.as(t, second)
	if _, err := h.ReplaceUser(t.Context(), h.owner, second.ID, 0, apikey.UserDraft{Email: second.Email, Name: "S", Role: apikey.RoleOwner}); err != nil {
		t.Fatal(err)
	}
	_, err = h.WhoAmI(t.Context(), given)
	wantKind(t, err, apikey.Unauthenticated)
	on := false
	if _, _, err := h.Patch(t.Context(), h.owner, given.Key, 0, apikey.Edit{Disabled: &on}); err != nil {
		t.Errorf("an OWNER cannot enable the key: %v", err)
	}
	byToken := apikey.Caller{Org: "demo", User: second.ID}
	if _, err := h.Create(t.Context(), byToken, apikey.Draft{Name: "new", Type: apikey.TypePersonal}); err != nil {
		t.Errorf("the OWNER cannot make a key with an access token: %v", err)
	}
}

// Naming a personal key's permissions narrows it to them.
func TestNamingPermissionsNarrows(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("p", "ManageFiles", "ViewTables"))
	key := h.personal(t, "whole", user)
	if _, _, err := h.Patch(t.Context(), h.admin, key.ID, 0, apikey.Edit{Permissions: &permission.Set{"ViewTables"}}); err != nil {
		t.Fatal(err)
	}
	if got := h.permissions(t, key); len(got) != 1 || !got.Has("ViewTables") {
		t.Errorf("holds %v", got)
	}
}

// A key whose user is gone is not revealed: it grants nothing now, but may be
// given to another user later.
func TestDeadKeyIsNotRevealed(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("u", "ManageTables"))
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "r", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Recoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteUser(t.Context(), h.admin, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Reveal(t.Context(), h.admin, minted.Key.ID)
	wantKind(t, err, apikey.Forbidden)
}

// If a policy gets its first key while it is being deleted without
// confirmation, the policy and the key stay.
func TestUnconfirmedDeletionRaces(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "p", "ViewTables")
	var key apikey.Key
	h.store.before = func() { key = h.underPolicy(t, "first", policy) }
	wantInUse(t, h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""), 1)
	if got := h.permissions(t, key); !got.Has("ViewTables") {
		t.Errorf("the key holds %v", got)
	}
}

// An organization can register only APIs of its own accounts. An operator adds
// accounts by bootstrap.
func TestAccountsAreTheOperators(t *testing.T) {
	h := newHouse(t)
	squat := apikey.ServiceDraft{Name: "Squat", APIs: []routing.API{{Account: "999999999999", ID: "victim"}}}
	_, _, err := h.PutService(t.Context(), h.owner, "squat", 0, squat, false)
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid || e.Fields[0].Field != "apis[0].account" {
		t.Fatalf("error %+v", err)
	}
	if _, err := h.Bootstrap(t.Context(), apikey.Setup{
		Organization: "demo", KeyPrefix: "kw", OwnerEmail: "Owner@example.com", OwnerName: "Owner", AdminKey: "Admin", Accounts: []string{"999999999999"},
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.PutService(t.Context(), h.owner, "squat", 0, squat, false); err != nil {
		t.Error(err)
	}
}

// Only an OWNER, or the key's user with a key that is not narrowed, can remove
// a key's narrowing. Otherwise its holder could do that with a service key, and
// get everything that the user is given later.
func TestNarrowedKeyIsMadeWholeByItsUserOrAnOwner(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager, Permissions: permission.NewSet(permission.AdministerAPIKeys)})
	keys := permission.NewSet(permission.AdministerAPIKeys, permission.ManageAPIKeys)
	narrow := apikey.Draft{Name: "n", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true, Permissions: keys}
	minted, err := h.Create(t.Context(), h.owner, narrow)
	if err != nil {
		t.Fatal(err)
	}
	service, err := h.Create(t.Context(), caller(minted.Key), draft("service", keys...))
	if err != nil {
		t.Fatal(err)
	}
	set := func(by apikey.Caller, narrowed bool) error {
		_, _, err := h.Patch(t.Context(), by, minted.Key.ID, 0, apikey.Edit{Narrowed: &narrowed})
		return err
	}
	wantKind(t, set(caller(service.Key), false), apikey.NotHeld)
	wantKind(t, set(h.admin, false), apikey.NotHeld)
	if err := set(caller(minted.Key), false); err == nil {
		t.Error("the key makes itself whole")
	}
	for _, by := range []apikey.Caller{{Org: "demo", User: user.ID}, h.owner} {
		if err := set(by, false); err != nil {
			t.Error(err)
		}
		if err := set(h.owner, true); err != nil {
			t.Fatal(err)
		}
	}
}
