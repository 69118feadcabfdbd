package apikey_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

func (h *house) user(t *testing.T, draft apikey.UserDraft) apikey.User {
	t.Helper()
	user, err := h.CreateUser(t.Context(), h.admin, draft)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func member(name string, permissions ...string) apikey.UserDraft {
	return apikey.UserDraft{Email: name + "@example.com", Name: name, Role: apikey.RoleMember, Permissions: permission.NewSet(permissions...)}
}

// personal creates a personal key of a user.
func (h *house) personal(t *testing.T, name string, user apikey.User) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: name, Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// Each role holds what its group in the Polaris document holds. An OWNER also
// holds what services declare later.
func TestRoles(t *testing.T) {
	h := newHouse(t)
	for role, holds := range map[apikey.Role][]string{
		apikey.RoleAdmin: apikey.OwnPermissions(), apikey.RoleManager: {permission.ManageAPIKeys}, apikey.RoleMember: nil,
	} {
		draft := member(string(role))
		draft.Role = role
		key := h.personal(t, string(role), h.user(t, draft))
		if got := h.permissions(t, key); !slices.Equal(got, permission.NewSet(holds...)) {
			t.Errorf("%s holds %v", role, got)
		}
		if err := h.Delete(t.Context(), h.admin, key.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	service := filesServiceOf("demo", append(slices.Clone(declared), apikey.Permission{Name: "Brand.New"})...)
	if _, _, err := h.PutService(t.Context(), h.owner, "files", 0, service, false); err != nil {
		t.Fatal(err)
	}
	if self, err := h.WhoAmI(t.Context(), h.owner); err != nil || !self.Permissions.Has("Brand.New") {
		t.Errorf("the OWNER holds %v, %v", self.Permissions, err)
	}
	if _, err := h.Create(t.Context(), h.owner, draft("new", "Brand.New")); err != nil {
		t.Errorf("the OWNER cannot grant it: %v", err)
	}
}

// A personal key holds what its user holds at that moment, or less if it was
// narrowed. It is disabled and loses its user when the user is removed.
func TestPersonalKeys(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("p", "ManageFiles", "ViewTables"))
	whole := h.personal(t, "whole", user)
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{
		Name: "narrow", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true, Permissions: permission.NewSet("ManageFiles", "ManageTables"),
	})
	if err != nil {
		t.Fatal(err)
	}
	narrow := minted.Key
	if a, b := h.permissions(t, whole), h.permissions(t, narrow); len(a) != 2 || !slices.Equal(b, permission.NewSet("ManageFiles")) {
		t.Errorf("whole holds %v, narrow %v", a, b)
	}
	if _, err := h.ReplaceUser(t.Context(), h.admin, user.ID, 0, member("p", "ViewTables")); err != nil {
		t.Fatal(err)
	}
	if a, b := h.permissions(t, whole), h.permissions(t, narrow); !slices.Equal(a, permission.NewSet("ViewTables")) || len(b) != 0 {
		t.Errorf("whole holds %v, narrow %v", a, b)
	}
	if err := h.DeleteUser(t.Context(), h.admin, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	for _, key := range []apikey.Key{whole, narrow} {
		_, err := h.WhoAmI(t.Context(), caller(key))
		wantKind(t, err, apikey.Unauthenticated)
		if after, _, err := h.Get(t.Context(), h.admin, key.ID); err != nil || !after.Disabled || !after.OnBehalfOf.IsZero() {
			t.Errorf("after: %+v, %v", after, err)
		}
	}
}

// Nobody can create a key, a user or an OWNER with more powers than their own.
func TestUserCeilings(t *testing.T) {
	h := newHouse(t)
	maker := h.create(t, "maker", "ManageApiKeys", "AdministerUsers", "ManageFiles")
	by := caller(maker)
	strong := h.user(t, member("strong", "ManageTables"))
	_, err := h.Create(t.Context(), by, apikey.Draft{Name: "n", Type: apikey.TypePersonal, OnBehalfOf: strong.ID})
	wantKind(t, err, apikey.NotHeld)
	_, err = h.Create(t.Context(), by, apikey.Draft{Name: "n", Type: apikey.TypePersonal, OnBehalfOf: h.person.ID})
	wantKind(t, err, apikey.NotHeld)
	_, err = h.CreateUser(t.Context(), by, member("x", "ManageTables"))
	wantKind(t, err, apikey.NotHeld)
	_, err = h.CreateUser(t.Context(), by, apikey.UserDraft{Email: "x@example.com", Name: "X", Role: apikey.RoleAdmin})
	wantKind(t, err, apikey.NotHeld)
	owner := apikey.UserDraft{Email: "x@example.com", Name: "X", Role: apikey.RoleOwner}
	_, err = h.CreateUser(t.Context(), h.admin, owner)
	wantKind(t, err, apikey.NotHeld)
	if _, err := h.CreateUser(t.Context(), h.owner, owner); err != nil {
		t.Errorf("an OWNER cannot make an OWNER: %v", err)
	}
	wantKind(t, h.DeleteUser(t.Context(), h.admin, h.person.ID, 0), apikey.NotHeld)
}

// An organization keeps an OWNER, however the last one would be lost.
func TestLastOwnerStays(t *testing.T) {
	h := newHouse(t)
	wantKind(t, h.DeleteUser(t.Context(), h.owner, h.person.ID, 0), apikey.InUse)
	demoted := apikey.UserDraft{Email: h.person.Email, Name: "Owner", Role: apikey.RoleAdmin}
	_, err := h.ReplaceUser(t.Context(), h.owner, h.person.ID, 0, demoted)
	wantKind(t, err, apikey.InUse)
	if _, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: "second@example.com", Name: "Second", Role: apikey.RoleOwner}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ReplaceUser(t.Context(), h.owner, h.person.ID, 0, demoted); err != nil {
		t.Errorf("one of two cannot go: %v", err)
	}
}

// Shared keys identify as their user, or else as the first OWNER or ADMIN. When
// that one leaves, the next one follows.
func TestSharedKeysIdentify(t *testing.T) {
	h := newHouse(t)
	identity := func(key apikey.Key) uuid.UUID {
		t.Helper()
		grant, err := apikey.Resolve(t.Context(), h.store, &key)
		if err != nil {
			t.Fatal(err)
		}
		return grant.Identity
	}
	h.clock.Advance(time.Minute)
	someone := h.user(t, member("someone"))
	h.clock.Advance(time.Minute)
	admin := h.user(t, apikey.UserDraft{Email: "admin@example.com", Name: "Admin", Role: apikey.RoleAdmin})
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "shared", Type: apikey.TypeShared, OnBehalfOf: someone.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := identity(minted.Key); got != someone.ID {
		t.Errorf("identifies as %s", got)
	}
	if err := h.DeleteUser(t.Context(), h.admin, someone.ID, 0); err != nil {
		t.Fatal(err)
	}
	if got := identity(minted.Key); got != h.person.ID {
		t.Errorf("without its user identifies as %s", got)
	}
	if _, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: "late@example.com", Name: "Late", Role: apikey.RoleOwner}); err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteUser(t.Context(), h.owner, h.person.ID, 0); err != nil {
		t.Fatal(err)
	}
	if got := identity(minted.Key); got != admin.ID {
		t.Errorf("without the first OWNER identifies as %s, not as the next ADMIN", got)
	}
}

// Invalid users are refused, addresses are compared without regard to case, and
// a user's number of personal keys is limited.
func TestUserRefuses(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("taken"))
	for name, c := range map[string]struct {
		draft apikey.UserDraft
		kind  apikey.Kind
	}{
		"no address":     {apikey.UserDraft{Name: "X", Role: apikey.RoleMember}, apikey.Invalid},
		"two addresses":  {apikey.UserDraft{Email: "a@b.c, d@e.f", Name: "X", Role: apikey.RoleMember}, apikey.Invalid},
		"a named one":    {apikey.UserDraft{Email: "X <a@b.c>", Name: "X", Role: apikey.RoleMember}, apikey.Invalid},
		"a Kelvin sign":  {apikey.UserDraft{Email: "\u212a@b.c", Name: "X", Role: apikey.RoleMember}, apikey.Invalid},
		"no name":        {apikey.UserDraft{Email: "a@b.c", Role: apikey.RoleMember}, apikey.Invalid},
		"no role":        {apikey.UserDraft{Email: "a@b.c", Name: "X"}, apikey.Invalid},
		"role in lower":  {apikey.UserDraft{Email: "a@b.c", Name: "X", Role: "owner"}, apikey.Invalid},
		"unknown policy": {apikey.UserDraft{Email: "a@b.c", Name: "X", Role: apikey.RoleMember, Policy: user.ID}, apikey.Invalid},
		"taken":          {apikey.UserDraft{Email: "TAKEN@example.com", Name: "X", Role: apikey.RoleMember}, apikey.NameTaken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.CreateUser(t.Context(), h.admin, c.draft)
			wantKind(t, err, c.kind)
		})
	}
	for n := range apikey.MaxPersonalKeys {
		h.personal(t, fmt.Sprint("personal ", n), user)
	}
	_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "one more", Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	wantKind(t, err, apikey.QuotaReached)
	if err := h.DeleteUser(t.Context(), h.admin, user.ID, 0); err != nil {
		t.Errorf("a user with all the keys cannot go: %v", err)
	}
}

// A user can be removed however many shared keys name the user.
func TestDeleteUserOfManySharedKeys(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("named"))
	for n := range apikey.MaxPage + 1 {
		if _, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: fmt.Sprint("shared ", n), Type: apikey.TypeShared, OnBehalfOf: user.ID}); err != nil {
			t.Fatal(err)
		}
	}
	last := h.personal(t, "last", user)
	if err := h.DeleteUser(t.Context(), h.admin, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err := h.WhoAmI(t.Context(), caller(last))
	wantKind(t, err, apikey.Unauthenticated)
}

// A caller with an access token acts as its user and as no other.
func TestCallerWithAToken(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("t", "ManageApiKeys", "ManageFiles"))
	by := apikey.Caller{Org: "demo", User: user.ID}
	minted, err := h.Create(t.Context(), by, draft("made", "ManageFiles"))
	if err != nil || minted.Key.CreatedBy != user.Actor() {
		t.Fatalf("made by %+v, %v", minted.Key.CreatedBy, err)
	}
	if _, _, err := h.Get(t.Context(), by, minted.Key.ID); err != nil {
		t.Error(err)
	}
	_, _, err = h.Get(t.Context(), by, h.own.ID)
	wantKind(t, err, apikey.Forbidden)
	_, err = h.WhoAmI(t.Context(), apikey.Caller{Org: "other", User: user.ID})
	wantKind(t, err, apikey.Unauthenticated)
	// If there is a key, User is only what the authorizer saw.
	self, err := h.WhoAmI(t.Context(), apikey.Caller{Org: "demo", User: user.ID, Key: h.own.ID})
	if err != nil || self.User != nil || self.Key.ID != h.own.ID || !self.Permissions.Has("ManageTables") {
		t.Errorf("the caller is %+v, %v", self, err)
	}
}

// A user who makes keys as fast as they are removed is removed all the same, and
// all the keys are disabled and show it.
func TestUserWhoMakesKeysIsRemoved(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	by := apikey.Caller{Org: "demo", User: user.ID}
	made := 0
	h.store.refuse = func(_ context.Context, change apikey.Change) error {
		if !slices.ContainsFunc(change.Writes, func(w apikey.Write) bool { _, is := w.(apikey.DeleteUser); return is }) {
			return nil
		}
		made++
		_, err := h.Create(t.Context(), by, personal(fmt.Sprint("mine ", made)))
		return err
	}
	if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
		t.Errorf("after %d keys that the user made meanwhile: %v", made, err)
	}
	_, err := h.WhoAmI(t.Context(), by)
	wantKind(t, err, apikey.Unauthenticated)
	page, err := h.List(t.Context(), h.owner, apikey.KeyFilter{Personal: true}, apikey.Position{}, apikey.NoLimit)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range page.Keys {
		if key.ID != h.owner.Key && (!key.Disabled || !key.OnBehalfOf.IsZero()) {
			t.Errorf("left is %+v", key)
		}
	}
}

// A key that a removal did not reach, because no listing showed it yet, is shown
// as disabled and is disabled by the next change of it.
func TestKeyThatARemovalMissed(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	missed := h.personal(t, "missed", user)
	h.Store = behind{Store: h.store, without: missed}
	if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.Store = h.store
	shown, _, err := h.Get(t.Context(), h.owner, missed.ID)
	if err != nil || !shown.Disabled {
		t.Errorf("shown is %+v, %v", shown, err)
	}
	page, err := h.List(t.Context(), h.owner, apikey.KeyFilter{OnBehalfOf: user.ID}, apikey.Position{}, apikey.NoLimit)
	if err != nil || len(page.Keys) == 1 && !page.Keys[0].Disabled {
		t.Errorf("listed is %+v, %v", page.Keys, err)
	}
	if _, _, err := h.Patch(t.Context(), h.owner, missed.ID, 0, apikey.Edit{Name: ptr("touched")}); err != nil {
		t.Fatal(err)
	}
	if kept, err := h.store.Key(t.Context(), missed.ID); err != nil || !kept.Disabled {
		t.Errorf("kept is %+v, %v", kept, err)
	}
}
