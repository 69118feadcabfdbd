package apikey_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// whole returns the draft that leaves a user as it is.
func whole(user apikey.User) apikey.UserDraft {
	return apikey.UserDraft{Email: user.Email, Name: user.Name, Role: user.Role, Permissions: user.Permissions, Policy: user.Policy}
}

// A key does not show that it was created with a key that has been deleted
// since. It acts as an OWNER no more than the others once its user is promoted.
func TestPromotionDisablesWhatWasMadeWithLentKeys(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	admin := h.as(t, h.user(t, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin}))
	victim := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
	lent, err := h.Create(t.Context(), admin, apikey.Draft{Name: "lent", Type: apikey.TypePersonal, OnBehalfOf: victim.ID})
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Create(t.Context(), caller(lent.Key), apikey.Draft{Name: "second", Type: apikey.TypePersonal})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(t.Context(), admin, lent.Key.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.promote(t, victim)
	_, err = h.WhoAmI(t.Context(), caller(second.Key))
	wantKind(t, err, apikey.Unauthenticated)
}

// promote makes a user an OWNER, as the owner.
func (h *house) promote(t *testing.T, user apikey.User) {
	t.Helper()
	draft := whole(user)
	draft.Role = apikey.RoleOwner
	if _, err := h.ReplaceUser(t.Context(), h.owner, user.ID, 0, draft); err != nil {
		t.Fatal(err)
	}
}

// A key that is created for a user, given to one or enabled while the user is
// promoted does not act as an OWNER: one change commits first, and the other is
// decided again.
func TestPromotionAgainstConcurrentKeys(t *testing.T) {
	for name, attack := range map[string]func(t *testing.T, h *house, by apikey.Caller, victim apikey.User, own apikey.Key) error{
		"made": func(t *testing.T, h *house, by apikey.Caller, victim apikey.User, _ apikey.Key) error {
			_, err := h.Create(t.Context(), by, apikey.Draft{Name: "made", Type: apikey.TypePersonal, OnBehalfOf: victim.ID})
			return err
		},
		"turned": func(t *testing.T, h *house, by apikey.Caller, victim apikey.User, own apikey.Key) error {
			_, _, err := h.Patch(t.Context(), by, own.ID, 0, apikey.Edit{OnBehalfOf: &victim.ID})
			return err
		},
	} {
		for _, first := range []string{"the attack", "the promotion"} {
			t.Run(name+", "+first+" is decided first", func(t *testing.T) {
				h := newHouse(t)
				h.roomy(t)
				attacker := h.user(t, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin})
				admin := h.as(t, attacker)
				victim := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
				own, err := h.Create(t.Context(), admin, apikey.Draft{Name: "own", Type: apikey.TypePersonal})
				if err != nil {
					t.Fatal(err)
				}
				if first == "the attack" {
					h.store.before = func() { h.promote(t, victim) }
					wantKind(t, attack(t, h, admin, victim, own.Key), apikey.NotHeld)
				} else {
					h.store.before = func() {
						if err := attack(t, h, admin, victim, own.Key); err != nil {
							t.Error(err)
						}
					}
					h.promote(t, victim)
				}
				h.nobodyActsAs(t, victim)
			})
		}
	}
}

// nobodyActsAs fails the test if a personal key of the user is live.
func (h *house) nobodyActsAs(t *testing.T, user apikey.User) {
	t.Helper()
	keys, err := h.store.Keys(t.Context(), "demo", apikey.KeyFilter{OnBehalfOf: user.ID}, apikey.Position{}, apikey.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys.Records {
		if key.Type == apikey.TypePersonal && !key.Disabled {
			t.Errorf("key %q is live", key.Name)
		}
	}
}

// A disabled key of a user who is being promoted stays disabled: enabling it at
// the same time is refused, or the promotion disables it again.
func TestPromotionAgainstEnabling(t *testing.T) {
	h := newHouse(t)
	victim := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
	lent := h.personal(t, "lent", victim)
	off, on := true, false
	if _, _, err := h.Patch(t.Context(), h.admin, lent.ID, 0, apikey.Edit{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	h.store.before = func() {
		if _, _, err := h.Patch(t.Context(), h.admin, lent.ID, 0, apikey.Edit{Disabled: &on}); err != nil {
			t.Error(err)
		}
	}
	h.promote(t, victim)
	h.nobodyActsAs(t, victim)
}

// To write permissions, a role or a policy into a user, the caller must hold
// everything that this grants directly, even if the user has it from another
// source: that source may go away, and what was written stays.
func TestPinning(t *testing.T) {
	h := newHouse(t)
	policy, err := h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "files", Permissions: permission.NewSet("ManageFiles")})
	if err != nil {
		t.Fatal(err)
	}
	clerk := caller(h.create(t, "clerk", permission.AdministerUsers))
	for name, c := range map[string]struct{ before, after apikey.UserDraft }{
		"permissions of the policy": {
			apikey.UserDraft{Role: apikey.RoleMember, Policy: policy.ID},
			apikey.UserDraft{Role: apikey.RoleMember, Permissions: policy.Permissions},
		},
		"beside the policy": {
			apikey.UserDraft{Role: apikey.RoleMember, Policy: policy.ID},
			apikey.UserDraft{Role: apikey.RoleMember, Policy: policy.ID, Permissions: policy.Permissions},
		},
		"permissions of the role and a lower role": {
			apikey.UserDraft{Role: apikey.RoleAdmin},
			apikey.UserDraft{Role: apikey.RoleMember, Permissions: permission.NewSet(permission.AdministerAPIKeys)},
		},
		"a role of what the user has as permissions": {
			apikey.UserDraft{Role: apikey.RoleMember, Permissions: apikey.OwnPermissions()},
			apikey.UserDraft{Role: apikey.RoleAdmin},
		},
		"a policy of what the user has as permissions": {
			apikey.UserDraft{Role: apikey.RoleMember, Permissions: policy.Permissions},
			apikey.UserDraft{Role: apikey.RoleMember, Policy: policy.ID},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.before.Email, c.before.Name, c.after.Name = strings.ReplaceAll(name, " ", "")+"@example.com", "U", "U"
			c.after.Email = c.before.Email
			user := h.user(t, c.before)
			_, err := h.ReplaceUser(t.Context(), clerk, user.ID, 0, c.after)
			wantKind(t, err, apikey.NotHeld)
		})
	}
}

// The same holds for a key's policy: its direct permissions are no reason to
// give it a policy that has the same permissions today.
func TestPinningOfKeys(t *testing.T) {
	h := newHouse(t)
	policy, err := h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "files", Permissions: permission.NewSet("ManageFiles")})
	if err != nil {
		t.Fatal(err)
	}
	clerk := caller(h.create(t, "clerk", permission.AdministerAPIKeys))
	key := h.create(t, "key", "ManageFiles")
	_, _, err = h.Patch(t.Context(), clerk, key.ID, 0, apikey.Edit{Policy: &policy.ID})
	wantKind(t, err, apikey.NotHeld)
	if _, _, err = h.Patch(t.Context(), h.admin, key.ID, 0, apikey.Edit{Policy: &policy.ID}); err != nil {
		t.Fatal(err)
	}
	none := uuid.UUID{}
	_, _, err = h.Patch(t.Context(), clerk, key.ID, 0, apikey.Edit{Policy: &none, Permissions: &policy.Permissions})
	wantKind(t, err, apikey.NotHeld)
}

// A shared key without its user identifies as the representative only if its
// creator, or the last one to change its user, could have left it without a
// user. Otherwise it identifies as nobody.
func TestBorrowedIdentity(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	manager := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager})
	shared := func(by apikey.Caller, name string) apikey.Key {
		t.Helper()
		minted, err := h.Create(t.Context(), by, apikey.Draft{Name: name, Type: apikey.TypeShared, OnBehalfOf: manager.ID})
		if err != nil {
			t.Fatal(err)
		}
		return minted.Key
	}
	own, given := shared(h.as(t, manager), "own"), shared(h.owner, "given")
	if err := h.DeleteUser(t.Context(), h.owner, manager.ID, 0); err != nil {
		t.Fatal(err)
	}
	identity := func(id uuid.UUID) apikey.Grant {
		t.Helper()
		key, err := h.store.Key(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		grant, err := apikey.Resolve(t.Context(), h.store, &key)
		if err != nil {
			t.Fatal(err)
		}
		return grant
	}
	if got := identity(given.ID); got.Identity != h.person.ID || !got.ByDefault {
		t.Errorf("the key of an OWNER identifies as %v, by default %v", got.Identity, got.ByDefault)
	}
	if got := identity(own.ID); !got.Identity.IsZero() || got.ByDefault {
		t.Errorf("the key of a MANAGER identifies as %v", got.Identity)
	}
	none := uuid.UUID{}
	if _, _, err := h.Patch(t.Context(), h.owner, own.ID, 0, apikey.Edit{OnBehalfOf: &none}); err != nil {
		t.Fatal(err)
	}
	if got := identity(own.ID); got.Identity != h.person.ID || !got.ByDefault {
		t.Errorf("the key that an OWNER changed identifies as %v", got.Identity)
	}
}

// A new e-mail address hands over the user's identity. It takes the right to let
// keys stand for users, and all that the user held before and after the change.
// With these, the address changes and the user's keys stay.
func TestAddressIsIdentity(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	victim := h.user(t, member("victim", "ViewTables"))
	key := h.as(t, victim)
	admin := h.user(t, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin})
	clerk := func(name string, more ...string) apikey.Caller {
		return caller(h.create(t, name, append(more, permission.AdministerUsers)...))
	}
	self := caller(h.personal(t, "self", h.user(t, member("self", permission.AdministerUsers))))
	who, err := h.WhoAmI(t.Context(), self)
	if err != nil {
		t.Fatal(err)
	}
	lowered := apikey.UserEdit{Email: ptr("mine@example.com"), Role: ptr(apikey.RoleMember), Permissions: &permission.Set{}}
	for name, c := range map[string]struct {
		by   apikey.Caller
		user uuid.UUID
		edit apikey.UserEdit
	}{
		"without the right to lend keys":    {clerk("users", "ViewTables"), victim.ID, apikey.UserEdit{Email: ptr("mine@example.com")}},
		"without what the user holds":       {clerk("keys", permission.AdministerAPIKeys), victim.ID, apikey.UserEdit{Email: ptr("mine@example.com")}},
		"without what the user held before": {clerk("keys 2", permission.AdministerAPIKeys), victim.ID, lowered},
		"of an ADMIN who is lowered":        {clerk("keys 3", permission.AdministerAPIKeys), admin.ID, lowered},
		"of the user's own":                 {self, who.User.ID, apikey.UserEdit{Email: ptr("mine@example.com")}},
	} {
		_, err := h.PatchUser(t.Context(), c.by, c.user, 0, c.edit)
		if err == nil || apikey.KindOf(err) != apikey.NotHeld {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.PatchUser(t.Context(), clerk("both", permission.AdministerAPIKeys, "ViewTables"), victim.ID, 0, apikey.UserEdit{Email: ptr("married@example.com")}); err != nil {
		t.Error(err)
	}
	if _, err := h.WhoAmI(t.Context(), key); err != nil {
		t.Errorf("the user's key: %v", err)
	}
}
