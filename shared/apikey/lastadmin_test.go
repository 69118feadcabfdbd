package apikey_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// alone returns a house in which only one key, a service key, can administer
// keys.
func alone(t *testing.T) (h *house, last apikey.Key) {
	t.Helper()
	h = newHouse(t)
	h.roomy(t)
	if err := h.Delete(t.Context(), h.admin, h.owner.Key, 0); err != nil {
		t.Fatal(err)
	}
	return h, h.own
}

// forced returns the caller with Force set.
func forced(by apikey.Caller) apikey.Caller {
	by.Force = true
	return by
}

// The last key that can administer keys cannot be lost by mistake, in any way:
// the change is refused and nothing is written, unless the caller forces it.
func TestLastAdministratorStays(t *testing.T) {
	disabled, later := true, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	fewer, files := permission.NewSet("ManageFiles"), []string{"files"}
	patch := func(edit apikey.Edit) func(*testing.T, *house, apikey.Caller) error {
		return func(t *testing.T, h *house, by apikey.Caller) error {
			_, _, err := h.Patch(t.Context(), by, by.Key, 0, edit)
			return err
		}
	}
	for name, end := range map[string]func(*testing.T, *house, apikey.Caller) error{
		"delete":         func(t *testing.T, h *house, by apikey.Caller) error { return h.Delete(t.Context(), by, by.Key, 0) },
		"disable":        patch(apikey.Edit{Disabled: &disabled}),
		"begin later":    patch(apikey.Edit{NotBefore: &later}),
		"fewer":          patch(apikey.Edit{Permissions: &fewer}),
		"other services": patch(apikey.Edit{Services: &files}),
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := alone(t)
			h.user(t, apikey.UserDraft{Email: "admin@example.com", Name: "A user without a key", Role: apikey.RoleAdmin})
			h.create(t, "weak", "ManageFiles", "ManageApiKeys")
			off := h.create(t, "disabled", permission.AdministerAPIKeys)
			if _, _, err := h.Patch(t.Context(), h.admin, off.ID, 0, apikey.Edit{Disabled: ptr(true)}); err != nil {
				t.Fatal(err)
			}
			audits := len(h.audits(t))
			wantKind(t, end(t, h, h.admin), apikey.LastAdministrator)
			if got := len(h.audits(t)); got != audits {
				t.Errorf("%d audit records, want %d", got, audits)
			}
			if err := end(t, h, forced(h.admin)); err != nil {
				t.Errorf("forced: %v", err)
			}
		})
	}
}

// A key can be deleted if another one can administer keys: by its own
// permissions, by a policy, or through its user's role, permissions or policy.
func TestAnotherAdministratorIsEnough(t *testing.T) {
	person := func(draft func(policy uuid.UUID) apikey.UserDraft) func(*testing.T, *house) {
		return func(t *testing.T, h *house) {
			policy := h.policy(t, "Administrators", permission.AdministerAPIKeys)
			h.personal(t, "personal", h.user(t, draft(policy.ID)))
		}
	}
	for name, other := range map[string]func(*testing.T, *house){
		"direct": func(t *testing.T, h *house) { h.create(t, "other", permission.AdministerAPIKeys) },
		"policy": func(t *testing.T, h *house) {
			h.underPolicy(t, "other", h.policy(t, "Administrators", permission.AdministerAPIKeys))
		},
		"role": person(func(uuid.UUID) apikey.UserDraft {
			return apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin}
		}),
		"user": person(func(uuid.UUID) apikey.UserDraft { return member("a", permission.AdministerAPIKeys) }),
		"user's policy": person(func(policy uuid.UUID) apikey.UserDraft {
			draft := member("a")
			draft.Policy = policy
			return draft
		}),
	} {
		t.Run(name, func(t *testing.T) {
			h, last := alone(t)
			other(t, h)
			if err := h.Delete(t.Context(), h.admin, last.ID, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

// The rule covers everything a key's permissions come from: a policy that is
// narrowed or deleted, and a user who is changed or removed.
func TestLastAdministratorByPolicyAndUser(t *testing.T) {
	h, last := alone(t)
	policy := h.policy(t, "Administrators", permission.AdministerAPIKeys, "AdministerPolicies")
	by := caller(h.underPolicy(t, "under policy", policy))
	if err := h.Delete(t.Context(), h.admin, last.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err := h.PatchPolicy(t.Context(), by, policy.ID, 0, apikey.PolicyEdit{Permissions: ptr(permission.NewSet("AdministerPolicies"))})
	wantKind(t, err, apikey.LastAdministrator)
	wantKind(t, h.ForceDeletePolicy(t.Context(), by, policy.ID, 0), apikey.LastAdministrator)
	if err := h.ForceDeletePolicy(t.Context(), forced(by), policy.ID, 0); err != nil {
		t.Error(err)
	}

	h, last = alone(t)
	admin := h.user(t, apikey.UserDraft{Email: "admin@example.com", Name: "Admin", Role: apikey.RoleAdmin})
	by = caller(h.personal(t, "personal", admin))
	if err := h.Delete(t.Context(), h.admin, last.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = h.PatchUser(t.Context(), by, admin.ID, 0, apikey.UserEdit{Role: ptr(apikey.RoleMember)})
	wantKind(t, err, apikey.LastAdministrator)
	wantKind(t, h.DeleteUser(t.Context(), by, admin.ID, 0), apikey.LastAdministrator)
	if err := h.DeleteUser(t.Context(), forced(by), admin.ID, 0); err != nil {
		t.Error(err)
	}
}

// A user with an access token needs no key to administer keys.
func TestAccessTokenIsAnAdministrator(t *testing.T) {
	h, last := alone(t)
	if err := h.Delete(t.Context(), apikey.Caller{Org: "demo", User: h.person.ID}, last.ID, 0); err != nil {
		t.Error(err)
	}
}

// If no key can administer keys, changes that remove no administrator are not
// refused.
func TestNoAdministratorLeft(t *testing.T) {
	h, last := alone(t)
	weak := caller(h.create(t, "weak", "ManageApiKeys", "AdministerPolicies"))
	policy := h.policy(t, "Unused", permission.AdministerAPIKeys)
	if err := h.Delete(t.Context(), forced(h.admin), last.ID, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.ForceDeletePolicy(t.Context(), weak, policy.ID, 0); err != nil {
		t.Error(err)
	}
	minted, err := h.Create(t.Context(), weak, apikey.Draft{Name: "made by it"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(t.Context(), weak, minted.Key.ID, 0); err != nil {
		t.Error(err)
	}
}

// Of two keys that can administer keys, one stays. If the other key is
// disabled, or its policy loses the permission, while the last one is deleted,
// the deletion is refused.
func TestLastAdministratorsMeanwhile(t *testing.T) {
	h, last := alone(t)
	policy := h.policy(t, "Administrators", permission.AdministerAPIKeys, "AdministerPolicies")
	other := caller(h.underPolicy(t, "other", policy))
	for name, meanwhile := range map[string]func() error{
		"disabled": func() error {
			_, _, err := h.Patch(t.Context(), forced(other), other.Key, 0, apikey.Edit{Disabled: ptr(true)})
			return err
		},
		"policy": func() error {
			_, err := h.PatchPolicy(t.Context(), forced(other), policy.ID, 0, apikey.PolicyEdit{Permissions: ptr(permission.NewSet("AdministerPolicies"))})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h.store.before = func() {
				if err := meanwhile(); err != nil {
					t.Error(err)
				}
			}
			wantKind(t, h.Delete(t.Context(), h.admin, last.ID, 0), apikey.LastAdministrator)
			if _, err := h.PatchPolicy(t.Context(), h.admin, policy.ID, 0, apikey.PolicyEdit{Permissions: &policy.Permissions}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.Patch(t.Context(), h.admin, other.Key, 0, apikey.Edit{Disabled: ptr(false)}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// If another administrator exists but no listing shows it yet, the change is
// retried until one does, and is not refused.
func TestSuccessorThatIsNotListedYet(t *testing.T) {
	h, last := alone(t)
	successor := h.create(t, "successor", permission.AdministerAPIKeys)
	h.Store = behind{Store: h.store, without: successor}
	wantKind(t, h.Delete(t.Context(), h.admin, last.ID, 0), apikey.Unavailable)
	h.Store = h.store
	if err := h.Delete(t.Context(), h.admin, last.ID, 0); err != nil {
		t.Error(err)
	}
}

// Only a caller who administers API keys can force the deletion of the last key
// that can, and no other caller is told that it can be forced.
func TestWhoCanForceTheLastAdministrator(t *testing.T) {
	h, last := alone(t)
	manager := apikey.Caller{Org: "demo", User: h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager}).ID}
	minted, err := h.Create(t.Context(), manager, draft("a manager's"))
	if err != nil {
		t.Fatal(err)
	}
	policy := h.policy(t, "Administrators", permission.AdministerAPIKeys)
	clerk := caller(h.create(t, "clerk", permission.AdministerPolicies))
	if _, _, err := h.Patch(t.Context(), h.admin, minted.Key.ID, 0, apikey.Edit{Policy: &policy.ID}); err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(t.Context(), h.admin, last.ID, 0); err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func() error{
		"a MANAGER, who created the key": func() error {
			_, _, err := h.Patch(t.Context(), forced(manager), minted.Key.ID, 0, apikey.Edit{Disabled: ptr(true)})
			return err
		},
		"AdministerPolicies alone": func() error { return h.ForceDeletePolicy(t.Context(), forced(clerk), policy.ID, 0) },
	} {
		err := end()
		if apikey.KindOf(err) != apikey.LastAdministrator || strings.Contains(err.Error(), "force") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.Delete(t.Context(), forced(caller(minted.Key)), minted.Key.ID, 0); err != nil {
		t.Errorf("the key itself: %v", err)
	}
}

// The last key that can administer keys does not lock itself out by limits: by
// addresses other than the one it is used from, or by an expiry within minutes.
func TestLastAdministratorDoesNotLockItselfOut(t *testing.T) {
	h, last := alone(t)
	here := h.admin
	here.Source = netip.MustParseAddr("192.0.2.7")
	for name, edit := range map[string]apikey.Edit{
		"elsewhere": {AllowIPs: &[]string{"198.51.100.0/24"}},
		"soon":      {ExpiresOn: ptr(h.clock.Now().Add(5 * time.Minute))},
	} {
		_, _, err := h.Patch(t.Context(), here, last.ID, 0, edit)
		if err == nil || apikey.KindOf(err) != apikey.LastAdministrator {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, edit := range []apikey.Edit{{AllowIPs: &[]string{"192.0.2.0/24"}}, {ExpiresOn: ptr(h.clock.Now().Add(time.Hour))}, {Name: ptr("renamed")}} {
		if _, _, err := h.Patch(t.Context(), here, last.ID, 0, edit); err != nil {
			t.Error(err)
		}
	}
	h.create(t, "other", permission.AdministerAPIKeys)
	if _, _, err := h.Patch(t.Context(), here, last.ID, 0, apikey.Edit{AllowIPs: &[]string{"192.0.2.99"}}); err != nil {
		t.Errorf("beside another administrator: %v", err)
	}
}

// What the rule reads does not grow with the organization where it need not: it
// reads nothing more for a user without keys, and stops at the first key that can
// administer keys.
func TestWorkOfTheLastAdministratorRule(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	h.store.ReadAtMost(1 << 20)
	h.clock.Advance(time.Second) // the owner's key is listed first
	for i := range 300 {
		h.personal(t, fmt.Sprint("k", i), h.user(t, member(fmt.Sprint("u", i))))
	}
	admin := apikey.UserDraft{Email: "v@example.com", Name: "V", Role: apikey.RoleAdmin}
	without := h.user(t, admin)
	admin.Email = "w@example.com"
	with := h.user(t, admin)
	h.personal(t, "w", with)
	clerk := caller(h.create(t, "clerk", permission.AdministerUsers))
	if err := h.Delete(t.Context(), h.owner, h.own.ID, 0); err != nil { // whose permissions are its own
		t.Fatal(err)
	}
	for _, c := range []struct {
		user apikey.User
		most int
	}{{without, 20}, {with, 150}} {
		asked := h.store.Asked()
		if _, err := h.PatchUser(t.Context(), clerk, c.user.ID, 0, apikey.UserEdit{Role: ptr(apikey.RoleMember)}); err != nil {
			t.Fatal(err)
		}
		if n := h.store.Asked() - asked; n > c.most {
			t.Errorf("%s: %d records by name", c.user.Email, n)
		}
	}
}
