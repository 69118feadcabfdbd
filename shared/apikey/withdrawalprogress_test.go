package apikey_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// holding returns a house where a key, a policy and a user hold ManageTables,
// and a draft of its service that no longer declares it.
func holding(t *testing.T) (h *house, key apikey.Key, policy apikey.Policy, user apikey.User, without apikey.ServiceDraft) {
	h = newHouse(t)
	key = h.create(t, "held", "ManageTables", "ManageFiles")
	return h, key, h.policy(t, "policy", "ManageTables", "ViewTables"), h.user(t, member("u", "ManageTables")), filesServiceOf("demo", declared[0], declared[2])
}

// refusing returns a hook that refuses every change of the key, policy or user
// with that id.
func refusing(id string) func(context.Context, apikey.Change) error {
	return func(_ context.Context, change apikey.Change) error {
		if slices.ContainsFunc(change.Audits, func(r apikey.AuditRecord) bool { return r.Target == id }) {
			return apikey.UnavailableError("commit", nil)
		}
		return nil
	}
}

// If a forced withdrawal cannot change a holder, it continues with the others
// and reports how many are left. A sweep finishes it once the holder can be
// changed. Until then the permission cannot be declared again.
func TestWithdrawalGoesOnPastAHolder(t *testing.T) {
	for _, which := range []string{"key", "policy", "user", "service"} {
		t.Run(which, func(t *testing.T) {
			h, key, policy, user, without := holding(t)
			h.store.refuse = refusing(map[string]string{"key": key.ID.String(), "policy": policy.ID.String(), "user": user.ID.String(), "service": key.ID.String()}[which])
			if which == "service" {
				if left, err := h.DeleteService(t.Context(), h.owner, "files", 0, true); left != 1 || err != nil {
					t.Errorf("%d are left, %v", left, err)
				}
				return
			}
			after, _, err := h.PutService(t.Context(), h.admin, "files", 0, without, true)
			if err != nil || after.Left != 1 {
				t.Fatalf("%d are left, %v", after.Left, err)
			}
			h.wantHolders(t, 1)
			if swept, err := h.Sweep(t.Context()); err == nil || swept.Tasks != 0 {
				t.Errorf("swept %+v, %v", swept, err)
			}
			h.store.refuse = nil
			h.clock.Advance(time.Minute)
			for range 2 {
				if _, err := h.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			h.wantHolders(t, 0)
			if tasks, _, _ := h.store.Unfinished(t.Context()); len(tasks) > 0 {
				t.Errorf("tasks %v are left", tasks)
			}
		})
	}
}

// wantHolders fails the test unless that many keys, policies and users hold
// ManageTables.
func (h *house) wantHolders(t *testing.T, want int) {
	t.Helper()
	h.store.ReadAtMost(1 << 20)
	defer h.store.ReadAtMost(1)
	var held []permission.Set
	keys, _ := h.store.Keys(t.Context(), "demo", apikey.KeyFilter{}, apikey.Position{}, apikey.NoLimit)
	for _, key := range keys.Records {
		held = append(held, key.Permissions)
	}
	policies, _ := h.store.Policies(t.Context(), "demo", [16]byte{}, apikey.NoLimit)
	for _, policy := range policies.Records {
		held = append(held, policy.Permissions)
	}
	users, _ := h.store.Users(t.Context(), "demo", [16]byte{}, apikey.NoLimit)
	for _, user := range users.Records {
		held = append(held, user.Permissions)
	}
	got := 0
	for _, permissions := range held {
		if permissions.Has("ManageTables") {
			got++
		}
	}
	if got != want {
		t.Errorf("%d hold the permission, want %d", got, want)
	}
}

// A withdrawal stops before its request's deadline. If changes hang, the answer
// comes in time and counts all that are left.
func TestWithdrawalEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _, _, _, without := holding(t)
		h.store.refuse = func(ctx context.Context, change apikey.Change) error {
			if change.Audits[0].Action == apikey.ActionPutService {
				return nil
			}
			<-ctx.Done()
			return apikey.UnavailableError("commit", ctx.Err())
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		after, _, err := h.PutService(ctx, h.admin, "files", 0, without, true)
		if took := time.Since(began); err != nil || after.Left != 4 || took > 8*time.Second {
			t.Errorf("%d are left after %v, %v", after.Left, took, err)
		}
		h.wantHolders(t, 4) // the admin's key is one
	})
}
