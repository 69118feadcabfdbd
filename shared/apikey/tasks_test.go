package apikey_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// slow is a store in which one organization's listing takes all the time there is.
type slow struct {
	apikey.Store
	org apikey.OrgID
}

func (s slow) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	if org == s.org {
		<-ctx.Done()
		return apikey.Listed[apikey.Key, apikey.Position]{}, apikey.UnavailableError("list keys", ctx.Err())
	}
	return s.Store.Keys(ctx, org, filter, after, limit)
}

// A task that takes all the time it is given does not keep a sweep from finishing
// the tasks of other organizations.
func TestSweepComesToEveryTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.roomy(t)
		large := h.setup(t, "aaa")
		if _, _, err := h.PutService(t.Context(), caller(large.Admin.Key), "files", 0, filesServiceOf("aaa", declared[0], declared[2]), false); err != nil {
			t.Fatal(err)
		}
		h.without(t, "ManageTables")
		h.withdrawn(t, false)
		h.Store = slow{h.store, "aaa"}
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			_, _ = h.Sweep(ctx)
			cancel()
		}
		tasks, _, _ := h.store.Unfinished(t.Context())
		for _, task := range tasks {
			if task.Org == "demo" {
				t.Errorf("no sweep comes to %+v", task)
			}
		}
	})
}

// A sweep changes and deletes nothing of a suspended organization. It continues
// once the organization is resumed.
func TestSweepOfASuspendedOrganization(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	policy := h.policy(t, "p", "ViewTables")
	key := h.underPolicy(t, "k", policy)
	h.store.left.Store(1) // the process ends after the tombstone
	_ = h.ForceDeletePolicy(t.Context(), h.owner, policy.ID, 0)
	h.store.left.Store(-1)
	h.suspend(t, true)
	if swept, err := h.Sweep(t.Context()); err != nil || swept != (apikey.Swept{}) {
		t.Errorf("swept %+v, %v", swept, err)
	}
	if _, err := h.store.Key(t.Context(), key.ID); err != nil {
		t.Errorf("a key of a suspended organization: %v", err)
	}
	h.suspend(t, false)
	if swept, err := h.Sweep(t.Context()); err != nil || swept.Tasks != 1 {
		t.Errorf("swept %+v, %v, after the organization was resumed", swept, err)
	}
}
