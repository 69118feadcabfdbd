package dynamo_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// pair holds two regions, the functions of each, and the keys that both regions
// have.
type pair struct {
	t      *testing.T
	world  *world
	a, b   *region
	inA    *functions
	inB    *functions
	admin  apikey.Caller
	shared []apikey.Key
}

func newPair(t *testing.T) pair {
	w, a, b := newRegions(t)
	keysA, admin := rules(t, a.store())
	keysA.Now = time.Now
	keysB := *keysA
	keysB.Store = b.store()
	p := pair{t: t, world: w, a: a, b: b, inA: &functions{home: keysA}, inB: &functions{home: &keysB}, admin: admin}
	for _, name := range []string{"first", "second"} {
		p.shared = append(p.shared, p.create(p.inA, name))
	}
	a.replicate(0)
	return p
}

func (p pair) create(f *functions, name string) (key apikey.Key) {
	p.t.Helper()
	err := f.invoke(p.t.Context(), func(ctx context.Context, k *apikey.Rules) error {
		made, err := k.Create(ctx, p.admin, apikey.Draft{Name: name})
		key = made.Key
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return key
}

func (p pair) revoke(f *functions, key apikey.Key) {
	p.t.Helper()
	err := f.invoke(p.t.Context(), func(ctx context.Context, k *apikey.Rules) error { return k.Delete(ctx, p.admin, key.ID, 0) })
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p pair) rename(f *functions, key apikey.Key) error {
	return f.invoke(p.t.Context(), func(ctx context.Context, k *apikey.Rules) error {
		name := key.Name + ", renamed"
		_, _, err := k.Patch(ctx, p.admin, key.ID, 0, apikey.Edit{Name: &name})
		return err
	})
}

func (p pair) has(r *region, key apikey.Key) bool {
	p.t.Helper()
	stored, err := r.store().Key(p.t.Context(), key.ID)
	if err != nil && apikey.KindOf(err) != apikey.NotFound {
		p.t.Fatal(err)
	}
	return err == nil && !stored.Deleted()
}

// reunite replicates everything that is pending, in both directions.
func (p pair) reunite() {
	p.t.Helper()
	p.a.replicate(0)
	p.b.replicate(0)
	if !maps.Equal(p.a.items(p.t), p.b.items(p.t)) {
		p.t.Error("the regions differ after replication")
	}
}

// If the home region is lost, changes that it had answered but not replicated
// are missing until it comes back, including revocations. What the new home
// revokes stays revoked, because the old home's writes are older. Afterwards
// the count is wrong by the changes that only one of them counted.
func TestHomeIsLost(t *testing.T) {
	p := newPair(t)
	late, later := p.create(p.inA, "late"), p.create(p.inA, "later")
	p.revoke(p.inA, p.shared[0])
	if err := p.rename(p.inA, p.shared[1]); err != nil {
		t.Fatal(err)
	}
	p.inA.freeze(true) // the region is gone

	if p.has(p.b, late) || !p.has(p.b, p.shared[0]) {
		t.Error("the new home has the old home's changes before they were replicated")
	}
	p.revoke(p.inB, p.shared[1])
	fresh := p.create(p.inB, "fresh")

	p.reunite()
	for _, r := range []*region{p.a, p.b} {
		if !p.has(r, late) || !p.has(r, later) || !p.has(r, fresh) || p.has(r, p.shared[0]) || p.has(r, p.shared[1]) {
			t.Error("a region lacks a created key or still has a revoked one")
		}
	}
	if len(p.world.revived) > 0 {
		t.Errorf("revived: %v", p.world.revived)
	}
	// There are four keys, with the admin's. The new home's count was written
	// last. It misses two creations and one revocation of the old home.
	org, err := p.b.store().Organization(t.Context(), acme)
	if err != nil || org.KeyCount != 3 {
		t.Errorf("the organization counts %d keys, %v", org.KeyCount, err)
	}
}

// An old home that continues to write can revive a revoked key, because its
// write is later. So the old home must be stopped first. If a key was revived,
// revoking it again in the new home works.
func TestOldHomeMustBeStopped(t *testing.T) {
	for name, stopped := range map[string]bool{"stopped": true, "not stopped": false} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			p.inA.freeze(stopped)
			p.revoke(p.inB, p.shared[0])
			if err := p.rename(p.inA, p.shared[0]); (err != nil) != stopped {
				t.Fatalf("a late change in the old home: %v", err)
			}
			p.reunite()
			if revived := p.has(p.b, p.shared[0]); revived == stopped {
				t.Errorf("revived: %t", revived)
			}
			if stopped {
				return
			}
			p.inA.freeze(true)
			p.revoke(p.inB, p.shared[0])
			p.reunite()
			if p.has(p.a, p.shared[0]) || p.has(p.b, p.shared[0]) {
				t.Error("a key that was revoked again is still stored")
			}
		})
	}
}
