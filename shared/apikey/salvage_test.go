package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// counts returns the KeyCounts of the organization, a policy and a user.
func (h *house) counts(t *testing.T, policy, user uuid.UUID) (counts [3]int) {
	t.Helper()
	org, err := h.store.Organization(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	counts[0] = org.KeyCount
	if p, err := h.store.Policy(t.Context(), "demo", policy); err == nil {
		counts[1] = p.KeyCount
	}
	if u, err := h.store.User(t.Context(), "demo", user); err == nil {
		counts[2] = u.KeyCount
	}
	return counts
}

// gone fails the test unless the record does not exist.
func (h *house) gone(t *testing.T, ref apikey.Ref) {
	t.Helper()
	found, err := h.store.Read(t.Context(), ref)
	if err != nil || apikey.KindOf(found[ref].Err) != apikey.NotFound {
		t.Errorf("%s is there: %+v, %v", ref, found[ref], err)
	}
}

// A damaged key is deleted by its id like any other: its counts and its name
// are freed, and the audit record says that it was damaged. Callers who may not
// delete it get the same error as for an undamaged key. For another
// organization it does not exist.
func TestDeleteDamagedKey(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	other := h.setup(t, "other").Admin.Key
	policy, user := h.policy(t, "policy", "ViewTables"), h.user(t, member("u"))
	manager := caller(h.create(t, "manager", permission.ManageAPIKeys))
	before := h.counts(t, policy.ID, user.ID)
	for _, key := range []apikey.Key{h.create(t, "plain"), h.underPolicy(t, "under a policy", policy), h.personal(t, "personal", user)} {
		h.store.Damage(apikey.KeyRef(key.ID))
		_, _, err := h.Get(t.Context(), h.admin, key.ID)
		wantKind(t, err, apikey.Unavailable)
		wantKind(t, h.Delete(t.Context(), h.admin, key.ID, 7), apikey.PreconditionFailed)
		wantKind(t, h.Delete(t.Context(), manager, key.ID, 0), apikey.Forbidden)
		for _, do := range []func() error{
			func() error { return h.Delete(t.Context(), caller(other), key.ID, 0) },
			func() error { _, _, err := h.Get(t.Context(), caller(other), key.ID); return err },
		} {
			if err := do(); err == nil || err.Error() != apikey.NoSuchKey().Error() {
				t.Errorf("another organization is told %v", err)
			}
		}
		if page, err := h.List(t.Context(), h.admin, apikey.KeyFilter{Name: key.Name}, apikey.Position{}, 9); err != nil || len(page.Keys) != 0 {
			t.Errorf("listed are %v, %v", page.Keys, err)
		}
		h.clock.Advance(time.Millisecond)
		if err := h.Delete(t.Context(), h.admin, key.ID, 0); err != nil {
			t.Fatal(err)
		}
		h.gone(t, apikey.KeyRef(key.ID))
		if r := h.last(t); r.Action != apikey.ActionDeleteKey || r.Target != key.ID.String() || r.Before["damaged"] != "true" || r.Before["name"] != key.Name {
			t.Errorf("the record is %+v", r)
		}
		wantKind(t, h.Delete(t.Context(), h.admin, key.ID, 0), apikey.NotFound)
		h.create(t, key.Name)
		before[0]++
	}
	if after := h.counts(t, policy.ID, user.ID); after != before {
		t.Errorf("counted are %v, want %v", after, before)
	}
}

// Deleting a policy deletes all its keys, including damaged ones.
func TestDeletePolicyOfDamagedKeys(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	policy := h.policy(t, "policy", "ViewTables")
	before := h.counts(t, policy.ID, uuid.UUID{})[0]
	var keys []apikey.Key
	for _, name := range []string{"a", "b", "c", "d"} {
		keys = append(keys, h.underPolicy(t, name, policy))
	}
	h.store.Damage(apikey.KeyRef(keys[0].ID))
	h.store.Damage(apikey.KeyRef(keys[2].ID))
	if err := h.ForceDeletePolicy(t.Context(), h.admin, policy.ID, 0); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		h.gone(t, apikey.KeyRef(key.ID))
	}
	h.gone(t, apikey.PolicyRef("demo", policy.ID))
	if after := h.counts(t, policy.ID, uuid.UUID{})[0]; after != before {
		t.Errorf("the organization counts %d keys, want %d", after, before)
	}
}

// A damaged policy is deleted with all its keys once that is confirmed, and its
// name is freed.
func TestDeleteDamagedPolicy(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	policy := h.policy(t, "policy", "ViewTables")
	keys := []apikey.Key{h.underPolicy(t, "a", policy), h.underPolicy(t, "b", policy)}
	h.store.Damage(apikey.PolicyRef("demo", policy.ID))
	h.store.Damage(apikey.KeyRef(keys[0].ID))
	_, err := h.GetPolicy(t.Context(), h.admin, policy.ID)
	wantKind(t, err, apikey.Unavailable)
	var e *apikey.Error
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""); !errors.As(err, &e) || e.Kind != apikey.InUse || e.Use.Keys != 2 {
		t.Fatalf("error %+v", err)
	}
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, e.Use.Confirm); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		h.gone(t, apikey.KeyRef(key.ID))
	}
	h.gone(t, apikey.PolicyRef("demo", policy.ID))
	h.policy(t, "policy", "ViewTables")
	unused := h.policy(t, "unused", "ViewTables")
	h.store.Damage(apikey.PolicyRef("demo", unused.ID))
	if err := h.DeletePolicy(t.Context(), h.admin, unused.ID, 0, ""); err != nil {
		t.Error(err)
	}
	h.gone(t, apikey.PolicyRef("demo", unused.ID))
}

// A tombstone that counts more keys than exist is removed after a minute, and
// not before: a key may have been given the policy too recently to be listed.
func TestTombstoneThatCountsTooMany(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "policy", "ViewTables")
	key := h.underPolicy(t, "a", policy)
	lost := key
	lost.Policy, lost.Version = uuid.UUID{}, 0
	// This is the state after the deletion of a damaged key whose policy could
	// not be read.
	if err := h.store.Commit(t.Context(), apikey.Change{
		Writes: []apikey.Write{apikey.DeleteKey{Key: lost, Damaged: true}}, Audits: []apikey.AuditRecord{{Org: "demo"}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.ForceDeletePolicy(t.Context(), h.admin, policy.ID, 0); err != nil {
		t.Fatal(err)
	}
	if swept, err := h.Sweep(t.Context()); err == nil || swept.Tasks != 0 {
		t.Errorf("swept %+v at once, %v", swept, err)
	}
	h.clock.Advance(time.Minute)
	if swept, err := h.Sweep(t.Context()); err != nil || swept.Tasks != 1 {
		t.Errorf("swept %+v, %v", swept, err)
	}
	h.gone(t, apikey.PolicyRef("demo", policy.ID))
}

// Only an OWNER can remove a damaged user, who may be an OWNER. The other
// OWNERs are counted again, at least one must be left, and the next eligible
// user represents the organization. The user's keys then have no user.
func TestDeleteDamagedUser(t *testing.T) {
	h := newHouse(t)
	second := h.another(t, "second")
	key := h.actingFor(t, second)
	h.store.Damage(apikey.UserRef("demo", second.ID))
	wantKind(t, h.DeleteUser(t.Context(), h.admin, second.ID, 0), apikey.NotHeld)
	if err := h.DeleteUser(t.Context(), h.owner, second.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.gone(t, apikey.UserRef("demo", second.ID))
	if after, err := h.store.Key(t.Context(), key.ID); err != nil || !after.Disabled || !after.OnBehalfOf.IsZero() {
		t.Errorf("the user's key is %+v, %v", after, err)
	}
	if org, _ := h.store.Organization(t.Context(), "demo"); org.Owners != 1 {
		t.Errorf("%d OWNERs are counted", org.Owners)
	}

	heir := h.another(t, "heir")
	own := caller(h.actingFor(t, heir))
	h.store.Damage(apikey.UserRef("demo", h.person.ID))
	if err := h.DeleteUser(t.Context(), own, h.person.ID, 0); err != nil {
		t.Fatal(err)
	}
	if status, _ := h.store.Status(t.Context(), "demo"); status.Representative != heir.ID {
		t.Errorf("%s represents the organization", status.Representative)
	}
	if _, err := h.CreateUser(t.Context(), own, apikey.UserDraft{Email: second.Email, Name: "Again", Role: apikey.RoleMember}); err != nil {
		t.Error(err)
	}
}

// actingFor returns a personal key of an OWNER.
func (h *house) actingFor(t *testing.T, user apikey.User) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: user.Name, Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// another creates another OWNER.
func (h *house) another(t *testing.T, name string) apikey.User {
	t.Helper()
	h.clock.Advance(time.Second)
	user, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: name + "@example.com", Name: name, Role: apikey.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// A damaged key stops its user from becoming an OWNER, with an error that names
// it, until it is deleted. It does not stop the user from being removed.
func TestUserOfDamagedKey(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	user := h.user(t, member("u"))
	whole, key := h.personal(t, "whole", user), h.personal(t, "damaged", user)
	h.store.Damage(apikey.KeyRef(key.ID))
	draft := apikey.UserDraft{Email: user.Email, Name: user.Name, Role: apikey.RoleOwner}
	_, err := h.ReplaceUser(t.Context(), h.owner, user.ID, 0, draft)
	if apikey.KindOf(err) != apikey.InUse || !strings.Contains(err.Error(), key.ID.String()) {
		t.Errorf("error %v", err)
	}
	if err := h.Delete(t.Context(), h.owner, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ReplaceUser(t.Context(), h.owner, user.ID, 0, draft); err != nil {
		t.Error(err)
	}
	h.store.Damage(apikey.KeyRef(whole.ID))
	if err := h.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(t.Context(), h.owner, whole.ID, 0); err != nil {
		t.Errorf("the damaged key of a removed user: %v", err)
	}
}

// A damaged service can be deleted, and its APIs are freed.
func TestDeleteDamagedService(t *testing.T) {
	h := newHouse(t)
	h.store.Damage(apikey.ServiceRef("demo", "files"))
	if _, err := h.DeleteService(t.Context(), h.admin, "files", 0, true); err != nil {
		t.Fatal(err)
	}
	h.gone(t, apikey.ServiceRef("demo", "files"))
	taken := apikey.ServiceDraft{Name: "Other", APIs: filesServiceOf("demo").APIs}
	if _, _, err := h.PutService(t.Context(), h.admin, "other", 0, taken, false); err != nil {
		t.Error(err)
	}
}

// A withdrawal continues past a damaged record that may hold the permission,
// counts it as left, and ends once it is deleted.
func TestWithdrawalPastADamagedRecord(t *testing.T) {
	h, key, _, _, without := holding(t)
	h.store.Damage(apikey.KeyRef(key.ID))
	after, _, err := h.PutService(t.Context(), h.admin, "files", 0, without, true)
	if err != nil || after.Left != 1 {
		t.Fatalf("%d are left, %v", after.Left, err)
	}
	h.wantHolders(t, 0)
	if swept, err := h.Sweep(t.Context()); err == nil || swept.Tasks != 0 {
		t.Errorf("swept %+v, %v", swept, err)
	}
	if err := h.Delete(t.Context(), h.owner, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
	if swept, err := h.Sweep(t.Context()); err != nil || swept.Tasks != 1 {
		t.Errorf("swept %+v, %v", swept, err)
	}
}
