package apikey_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// usedSecret returns the uses of a key, once and with the secret of a generation.
func usedSecret(key uuid.UUID, generation int, at time.Time) apikey.Uses {
	u := used(key, at, "View", "", 1)
	u.Secrets[0].Generation = generation
	return u
}

// The first use of the new secret sets the end of the previous one, once: later
// uses, uses of other secrets and of keys without an overlap change nothing.
// Clocks that differ neither end it before the rotation nor prolong it.
func TestFirstUseStartsTheOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		generation int
		rotation   apikey.Rotation
		used       time.Duration // since the rotation
		ends       time.Duration
		changes    bool
	}{
		"first use":           {2, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, time.Minute, time.Minute + time.Hour, true},
		"no overlap":          {2, apikey.Rotation{FromFirstUse: true}, time.Minute, time.Minute, true},
		"before the rotation": {2, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, -time.Minute, time.Hour, true},
		"late":                {2, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, apikey.MaxOverlap, apikey.MaxOverlap, true},
		"old secret":          {1, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, time.Minute, apikey.MaxOverlap, false},
		"a secret to come":    {3, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, time.Minute, apikey.MaxOverlap, false},
		"clock runs already":  {2, apikey.Rotation{Overlap: time.Hour}, time.Minute, time.Hour, false},
	} {
		h := newHouse(t)
		key := h.create(t, "k", "ManageFiles")
		rotated, _ := h.rotate(t, key.ID, c.rotation)
		at := rotated.SecretOn.Add(c.used)
		for range 3 {
			h.count(t, usedSecret(key.ID, c.generation, at))
			at = at.Add(time.Second)
		}
		after := h.stored(t, key.ID)
		if !after.Older[0].EndsOn.Equal(rotated.SecretOn.Add(c.ends)) || (after.Version == 3) != c.changes || after.LastModifiedOn != rotated.LastModifiedOn {
			t.Errorf("%s: %+v", name, after)
		}
	}
}

// The overlap counts from the first use, not from the last or from when it is
// recorded: a report that comes late ends the previous secret at a time that is
// past. The order of reports in a batch does not matter.
func TestOverlapCountsFromTheFirstUse(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Minute, FromFirstUse: true})
	first := h.clock.Advance(time.Hour)
	late := usedSecret(key.ID, 2, first.Add(4*time.Minute))
	late.Secrets[0].FirstOn = first
	elsewhere := usedSecret(key.ID, 2, first.Add(2*time.Minute))
	elsewhere.Region = "us-east-1"
	h.clock.Advance(5 * time.Minute)
	h.count(t, usedSecret(key.ID, 1, first.Add(3*time.Minute)), elsewhere, late)
	after := h.stored(t, key.ID)
	if old := after.Older[0]; !old.EndsOn.Equal(first.Add(time.Minute)) || old.AwaitsUse || after.Previous(h.clock.Now()) != nil {
		t.Errorf("ends on %v, first used on %v", old.EndsOn, first)
	}
}

// The end of the previous secret, the last use and the record are one change, of
// one read each: a failure leaves none of them, and a repetition makes it once.
func TestOverlapStartsInOneChange(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	uses := []apikey.Uses{usedSecret(key.ID, 2, h.clock.Now())}
	commits := 0
	h.store.refuse = func(context.Context, apikey.Change) error {
		if commits++; commits == 1 {
			return apikey.UnavailableError("commit", errors.New("down"))
		}
		return nil
	}
	if errs := h.RecordUses(t.Context(), uses); apikey.KindOf(errs[0]) != apikey.Unavailable {
		t.Errorf("error %v", errs)
	}
	if !h.stored(t, key.ID).Older[0].AwaitsUse || !h.lastUse(t, key.ID).UsedOn.IsZero() {
		t.Error("a part of the change was made")
	}
	for range 2 {
		if errs := h.RecordUses(t.Context(), uses); errs[0] != nil {
			t.Fatal(errs)
		}
	}
	started := 0
	for _, record := range h.audits(t) {
		if record.Action == apikey.ActionStartOverlap {
			started++
		}
	}
	if commits != 2 || started != 1 || h.stored(t, key.ID).Older[0].AwaitsUse || h.lastUse(t, key.ID).UsedOn.IsZero() {
		t.Errorf("%d commits, %d records", commits, started)
	}
}

// A rotation and a use that is recorded at the same time: whichever is first, the
// use ends the secret that was replaced by the used one, and no other.
func TestOverlapMeetsARotation(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	h.store.refuse = func(context.Context, apikey.Change) error {
		h.store.refuse = nil
		if err := h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0); err != nil {
			t.Error(err)
		}
		h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Minute, FromFirstUse: true})
		return nil
	}
	h.count(t, usedSecret(key.ID, 2, h.clock.Now()))
	after := h.stored(t, key.ID)
	if after.Generation != 3 || !after.Older[0].AwaitsUse || !h.lastUse(t, key.ID).UsedOn.Equal(h.clock.Now()) {
		t.Errorf("stored %+v", after)
	}
}

// A deleted key keeps waiting; once it is restored, its next use of any secret
// sets the end that was missed.
func TestOverlapOfADeletedKey(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	first := h.clock.Now()
	if err := h.Delete(t.Context(), h.admin, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.count(t, usedSecret(key.ID, 2, first))
	if version := h.stored(t, key.ID).Version; version != 3 {
		t.Errorf("the tombstone has version %d", version)
	}
	if _, _, err := h.Restore(t.Context(), h.admin, key.ID); err != nil {
		t.Fatal(err)
	}
	h.count(t, usedSecret(key.ID, 1, h.clock.Advance(2*time.Hour)))
	if after := h.stored(t, key.ID); !after.Older[0].EndsOn.Equal(first.Add(time.Hour)) {
		t.Errorf("ends on %v", after.Older[0].EndsOn)
	}
}
