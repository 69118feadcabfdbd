package apikey_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

func (h *house) policy(t *testing.T, name string, permissions ...string) apikey.Policy {
	t.Helper()
	policy, err := h.CreatePolicy(t.Context(), h.admin, apikey.PolicyDraft{Name: name, Permissions: permission.NewSet(permissions...)})
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// underPolicy creates a key with a policy.
func (h *house) underPolicy(t *testing.T, name string, policy apikey.Policy) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: name, Policy: policy.ID})
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// roomy raises the organization's quota.
func (h *house) roomy(t *testing.T) {
	t.Helper()
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(apikey.Settings{KeyPrefix: "kw", MaxKeys: 1000, Recoverable: true})); err != nil {
		t.Fatal(err)
	}
}

// permissions returns the permissions that a key has in effect.
func (h *house) permissions(t *testing.T, key apikey.Key) permission.Set {
	t.Helper()
	self, err := h.WhoAmI(t.Context(), caller(key))
	if err != nil {
		t.Fatal(err)
	}
	return self.Permissions
}

// A change of a policy changes all its keys without writing them. The names
// that belong to ids come with the keys.
func TestPolicyReachesItsKeys(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "readers", "ViewTables")
	key := h.underPolicy(t, "reader", policy)
	if got := h.permissions(t, key); !slices.Equal(got, permission.NewSet("ViewTables")) {
		t.Errorf("holds %v", got)
	}
	if _, err := h.ReplacePolicy(t.Context(), h.admin, policy.ID, policy.Version, apikey.PolicyDraft{Name: "writers", Permissions: permission.NewSet("ManageTables")}); err != nil {
		t.Fatal(err)
	}
	if got := h.permissions(t, key); !slices.Equal(got, permission.NewSet("ManageTables")) {
		t.Errorf("holds %v after the change", got)
	}
	after, names, err := h.Get(t.Context(), h.admin, key.ID)
	if err != nil || after.Version != key.Version || names.Policies[policy.ID] != "writers" {
		t.Errorf("version %d, named %q, %v", after.Version, names.Policies[policy.ID], err)
	}
	if counted, err := h.GetPolicy(t.Context(), h.admin, policy.ID); err != nil || counted.KeyCount != 1 {
		t.Errorf("%d keys counted, %v", counted.KeyCount, err)
	}
}

// Changes of policies that nobody may make are refused and leave nothing
// behind.
func TestPolicyRefuses(t *testing.T) {
	h := newHouse(t)
	other := h.setup(t, "other").Admin.Key
	h.policy(t, "Café", "ViewTables")
	foreign, err := h.CreatePolicy(t.Context(), caller(other), apikey.PolicyDraft{Name: "theirs", Permissions: permission.NewSet("ViewTables")})
	if err != nil {
		t.Fatal(err)
	}
	wide := h.policy(t, "wide", "ManageTables", "ManageFiles")
	maker := h.create(t, "maker", "ManageApiKeys", "AdministerPolicies", "ManageFiles")
	before := len(h.audits(t))
	draft := func(name string, permissions ...string) apikey.PolicyDraft {
		return apikey.PolicyDraft{Name: name, Permissions: permission.NewSet(permissions...)}
	}
	for name, c := range map[string]struct {
		by    apikey.Caller
		draft apikey.PolicyDraft
		kind  apikey.Kind
	}{
		"no name":                        {h.admin, draft("", "ViewTables"), apikey.Invalid},
		"no permission":                  {h.admin, draft("n"), apikey.Invalid},
		"a permission nobody declares":   {h.admin, draft("n", "viewtables"), apikey.Invalid},
		"more than the caller holds":     {caller(maker), draft("n", "ManageTables"), apikey.NotHeld},
		"a name in another Unicode form": {h.admin, draft("Cafe\u0301", "ViewTables"), apikey.NameTaken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.CreatePolicy(t.Context(), c.by, c.draft)
			wantKind(t, err, c.kind)
		})
	}
	for name, c := range map[string]struct {
		by    apikey.Caller
		draft apikey.Draft
		kind  apikey.Kind
	}{
		"a policy and permissions":      {h.admin, apikey.Draft{Name: "n", Policy: wide.ID, Permissions: permission.NewSet("ManageFiles")}, apikey.Invalid},
		"a policy that is none":         {h.admin, apikey.Draft{Name: "n", Policy: maker.ID}, apikey.Invalid},
		"another organization's policy": {h.admin, apikey.Draft{Name: "n", Policy: foreign.ID}, apikey.Invalid},
		"a policy that gives more":      {caller(maker), apikey.Draft{Name: "n", Policy: wide.ID}, apikey.NotHeld},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Create(t.Context(), c.by, c.draft)
			wantKind(t, err, c.kind)
		})
	}
	_, err = h.ReplacePolicy(t.Context(), caller(maker), wide.ID, 0, draft("wide", "ManageTables", "ManageFiles", "ViewTables"))
	wantKind(t, err, apikey.NotHeld)
	_, err = h.GetPolicy(t.Context(), h.admin, foreign.ID)
	wantKind(t, err, apikey.NotFound)
	if after := len(h.audits(t)); after != before {
		t.Errorf("%d records were left", after-before)
	}
}

// Deleting a policy that keys have reports how many and which, and needs a
// confirmation of that version. With it, each key is deleted with an audit
// record, and the quota is free again.
func TestDeletePolicy(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "doomed", "ViewTables")
	key := h.underPolicy(t, "doomed key", policy)
	confirm := wantInUse(t, h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""), 1)
	wantInUse(t, h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, "guessed"), 1)
	if _, err := h.ReplacePolicy(t.Context(), h.admin, policy.ID, 0, apikey.PolicyDraft{Name: "doomed", Permissions: permission.NewSet("ManageTables")}); err != nil {
		t.Fatal(err)
	}
	confirm = wantInUseUnlike(t, h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, confirm), confirm)
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, confirm); err != nil {
		t.Fatal(err)
	}
	_, err := h.WhoAmI(t.Context(), caller(key))
	wantKind(t, err, apikey.Unauthenticated)
	_, _, err = h.Get(t.Context(), h.admin, key.ID)
	wantKind(t, err, apikey.NotFound)
	_, err = h.GetPolicy(t.Context(), h.admin, policy.ID)
	wantKind(t, err, apikey.NotFound)
	if org, _ := h.store.Organization(t.Context(), "demo"); org.KeyCount != 2 {
		t.Errorf("%d keys counted, want 2", org.KeyCount)
	}
	records := h.audits(t)
	if !slices.ContainsFunc(records, func(r apikey.AuditRecord) bool {
		return r.Action == apikey.ActionDeleteKey && r.Target == key.ID.String() && r.Actor == h.own.Actor()
	}) {
		t.Error("the key's deletion is not recorded")
	}
	h.policy(t, "doomed", "ViewTables")
}

// The refusal says when the policy's keys were last used, also to a caller who
// may not see the keys. If that cannot be read, it says nothing.
func TestDeletePolicyTellsLastUse(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "p", "ViewTables")
	blind := h.create(t, "blind", "AdministerPolicies")
	one, two := h.underPolicy(t, "one", policy), h.underPolicy(t, "two", policy)
	refused := func(by apikey.Caller) *apikey.Use {
		t.Helper()
		e, ok := errors.AsType[*apikey.Error](h.DeletePolicy(t.Context(), by, policy.ID, 0, ""))
		if !ok || e.Kind != apikey.InUse {
			t.Fatalf("error %v", e)
		}
		return e.Use
	}
	if use := refused(h.admin); !use.LastUsedOn.IsZero() || len(use.LastUses) != 0 {
		t.Errorf("never used: %+v", use)
	}
	now := h.clock.Now().Truncate(time.Millisecond)
	h.count(t, used(one.ID, now.Add(-time.Hour), "View", "", 1), used(two.ID, now, "View", "", 1), used(h.own.ID, now.Add(time.Hour), "View", "", 1))
	if use := refused(h.admin); !use.LastUsedOn.Equal(now) || !use.LastUses[one.ID].UsedOn.Equal(now.Add(-time.Hour)) || len(use.Examples) != 2 {
		t.Errorf("used: %+v", use)
	}
	if use := refused(caller(blind)); !use.LastUsedOn.Equal(now) || len(use.Examples) != 0 {
		t.Errorf("told to a caller without a permission for keys: %+v", use)
	}
}

func wantInUse(t *testing.T, err error, keys int) (confirm string) {
	t.Helper()
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.InUse || e.Use.Keys != keys || len(e.Use.Examples) != keys || e.Use.Confirm == "" {
		t.Fatalf("error %+v", err)
	}
	return e.Use.Confirm
}

func wantInUseUnlike(t *testing.T, err error, old string) string {
	t.Helper()
	confirm := wantInUse(t, err, 1)
	if confirm == old {
		t.Error("the confirmation is not bound to the version")
	}
	return confirm
}

// Deleting a policy stops all its keys at once, at whatever step the process
// dies. The next call or sweep finishes the deletion.
func TestCascadeSurvivesACrash(t *testing.T) {
	const keys = 3*apikey.MaxDeletions + 5
	for step := 1; step <= 5; step++ {
		for name, resume := range map[string]func(*testing.T, *house, apikey.Policy) error{
			"call": func(t *testing.T, h *house, p apikey.Policy) error {
				return h.DeletePolicy(t.Context(), h.admin, p.ID, 0, "")
			},
			"sweep": func(t *testing.T, h *house, _ apikey.Policy) error { _, err := h.Sweep(t.Context()); return err },
		} {
			t.Run(fmt.Sprint(name, " after step ", step), func(t *testing.T) {
				h := newHouse(t)
				h.roomy(t)
				policy := h.policy(t, "doomed", "ViewTables")
				var made []apikey.Key
				for n := range keys {
					made = append(made, h.underPolicy(t, fmt.Sprint("key ", n), policy))
				}
				confirm := wantInUse(t, h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""), keys)
				h.store.left.Store(int64(step))
				if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, confirm); err != nil {
					t.Fatal(err)
				}
				for _, key := range made {
					_, err := h.WhoAmI(t.Context(), caller(key))
					wantKind(t, err, apikey.Unauthenticated)
				}
				h.store.left.Store(-1)
				if err := resume(t, h, policy); err != nil && apikey.KindOf(err) != apikey.NotFound {
					t.Fatal(err)
				}
				org, _ := h.store.Organization(t.Context(), "demo")
				tasks, _, _ := h.store.Unfinished(t.Context())
				if org.KeyCount != 2 || len(tasks) != 0 {
					t.Errorf("%d keys counted, tasks %v", org.KeyCount, tasks)
				}
			})
		}
	}
}

// A user whose policy is deleted keeps all other permissions.
func TestDeletePolicyOfAUser(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "doomed", "ViewTables")
	user := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleManager, Policy: policy.ID})
	var e *apikey.Error
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""); !errors.As(err, &e) || e.Use.Users != 1 {
		t.Fatalf("error %+v", err)
	}
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, e.Use.Confirm); err != nil {
		t.Fatal(err)
	}
	if after, err := h.GetUser(t.Context(), h.admin, user.ID); err != nil || !after.Policy.IsZero() || after.Role != apikey.RoleManager {
		t.Errorf("after: %+v, %v", after, err)
	}
}

// A policy that a user gets while it is deleted as unused is not deleted without
// a confirmation.
func TestUnusedPolicyIsGivenMeanwhile(t *testing.T) {
	h := newHouse(t)
	policy, user := h.policy(t, "p", "ViewTables"), h.user(t, member("u"))
	h.store.before = func() {
		if _, err := h.PatchUser(t.Context(), h.owner, user.ID, 0, apikey.UserEdit{Policy: &policy.ID}); err != nil {
			t.Error(err)
		}
	}
	wantKind(t, h.DeletePolicy(t.Context(), h.owner, policy.ID, 0, ""), apikey.InUse)
}
