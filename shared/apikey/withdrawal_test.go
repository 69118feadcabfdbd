package apikey_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// late is a store that keeps a change, for the test to commit later.
type late struct {
	apikey.Store
	kept *apikey.Change
}

func (s late) Commit(_ context.Context, change apikey.Change) error {
	*s.kept = change
	return apikey.UnavailableError("wait for an answer", nil)
}

// atListing is a store that does something before keys, or policies, are listed.
type atListing struct {
	apikey.Store
	keys, policies *func()
}

func once(do *func()) {
	if do != nil && *do != nil {
		now := *do
		*do = nil
		now()
	}
}

func (s atListing) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	once(s.keys)
	return s.Store.Keys(ctx, org, filter, after, limit)
}

func (s atListing) Policies(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	once(s.policies)
	return s.Store.Policies(ctx, org, after, limit)
}

// A sweep does not end a withdrawal while the listing of keys may miss a holder.
// So a permission that is declared again belongs to nobody.
func TestWithdrawalEndsWithCertainty(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	fresh := h.create(t, "fresh", "ManageTables")
	h.without(t, "ManageTables")
	h.Store = behind{Store: h.store, without: fresh}
	again := h.withdrawn(t, false)
	wantKind(t, again("files"), apikey.Withdrawing)
	_, _ = h.Sweep(t.Context())
	h.Store = h.store
	err := again("files")
	if held := h.permissions(t, fresh); err == nil && held.Has("ManageTables") {
		t.Errorf("declared again, and a key has it that nobody gave it since: %v", held)
	}
}

// A key that takes seconds to create does not stand in, in the count of keys, for
// a holder that is not listed yet.
func TestRedeclareDuringASlowCreation(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	hidden := h.create(t, "hidden", "ManageTables")
	h.without(t, "ManageTables")
	h.Store = behind{Store: h.store, without: hidden}
	again := h.withdrawn(t, false)
	var change apikey.Change
	h.Store = late{h.store, &change}
	_, err := h.Create(t.Context(), h.owner, draft("slow"))
	wantKind(t, err, apikey.Unavailable)
	h.clock.Advance(2 * time.Second)
	commit := func() {
		if err := h.store.Commit(t.Context(), change); err != nil {
			t.Error(err)
		}
	}
	h.Store = atListing{Store: behind{Store: h.store, without: hidden}, keys: &commit}
	err = again("files")
	h.Store = h.store
	if held := h.permissions(t, hidden); err == nil && held.Has("ManageTables") {
		t.Errorf("declared again, and a key has it that nobody gave it since: %v", held)
	}
}

// A sweep that is under way when a permission is declared again takes nothing away
// that was granted since, from policies or users.
func TestWithdrawalLeavesLaterGrants(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	h.without(t, "ManageTables")
	again := h.withdrawn(t, false)
	var policy apikey.Policy
	var user apikey.User
	redeclare := func() {
		if err := again("files"); err != nil {
			t.Fatal(err)
		}
		var err error
		if policy, err = h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "p", Permissions: permission.NewSet("ManageTables")}); err != nil {
			t.Fatal(err)
		}
		if user, err = h.CreateUser(t.Context(), h.owner, member("u", "ManageTables")); err != nil {
			t.Fatal(err)
		}
	}
	h.Store = atListing{Store: h.store, policies: &redeclare}
	_, _ = h.Sweep(t.Context())
	h.Store = h.store
	if now, err := h.GetPolicy(t.Context(), h.owner, policy.ID); err != nil || !now.Permissions.Has("ManageTables") {
		t.Errorf("the policy has %v, %v", now.Permissions, err)
	}
	if now, err := h.GetUser(t.Context(), h.owner, user.ID); err != nil || !now.Permissions.Has("ManageTables") {
		t.Errorf("the user has %v, %v", now.Permissions, err)
	}
}

// A damaged key, which may hold anything, stops a permission from being declared
// again. The error is permanent and names the key. Once the key is deleted, the
// permission can be declared.
func TestRedeclareWithADamagedKey(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	broken := h.create(t, "broken")
	h.without(t, "ManageTables")
	h.store.Damage(apikey.KeyRef(broken.ID))
	again := h.withdrawn(t, false)
	h.clock.Advance(time.Minute)
	err := again("files")
	wantKind(t, err, apikey.InUse)
	if fault, ok := errors.AsType[*apikey.Error](err); !ok || fault.RetryAfter != 0 || !strings.Contains(fault.Detail, broken.ID.String()) {
		t.Errorf("error %v", err)
	}
	if err := h.Delete(t.Context(), h.admin, broken.ID, 0); err != nil {
		t.Fatal(err)
	}
	if err := again("files"); err != nil {
		t.Error(err)
	}
}
