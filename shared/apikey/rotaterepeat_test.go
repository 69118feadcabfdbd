package apikey_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A repeated rotation rotates nothing: it returns the key with the same text for
// ten minutes and then without it, whatever would refuse another rotation. After
// 24 hours, it rotates again.
func TestRepeatedRotation(t *testing.T) {
	h := newHouse(t)
	id := h.create(t, "k", "ManageFiles").ID
	by := repeating(h.admin, "retry", "rotate")
	rotate := func() (apikey.Minted, error) {
		return h.Rotate(t.Context(), by, id, 1, apikey.Rotation{Overlap: time.Hour})
	}
	first, err := rotate()
	if err != nil || first.Repeated {
		t.Fatal(first.Repeated, err)
	}
	records := len(h.audits(t))
	for _, c := range []struct {
		after time.Duration
		shown bool
	}{{0, true}, {10*time.Minute - time.Millisecond, true}, {time.Millisecond, false}, {24*time.Hour - 10*time.Minute - time.Millisecond, false}} {
		h.clock.Advance(c.after)
		again, err := rotate()
		if err != nil || !again.Repeated || again.Key.ID != id || again.Key.Generation != 2 {
			t.Fatalf("after %v: %+v, %v", c.after, again.Key, err)
		}
		if shown := again.Text.Reveal() == first.Text.Reveal(); shown != c.shown || !shown && again.Text.Reveal() != "" {
			t.Errorf("after %v: the text is shown: %t", c.after, shown)
		}
	}
	if got := len(h.audits(t)); got != records {
		t.Errorf("repetitions left %d audit records", got-records)
	}
	h.clock.Advance(time.Millisecond)
	_, err = rotate()
	wantKind(t, err, apikey.PreconditionFailed)
}

// A repetition after another rotation returns the key as it is, without a text:
// the one that it made is not the key's any more.
func TestRepetitionAfterAnotherRotation(t *testing.T) {
	h := newHouse(t)
	id := h.create(t, "k", "ManageFiles").ID
	by := repeating(h.admin, "retry", "rotate")
	if _, err := h.Rotate(t.Context(), by, id, 0, apikey.Rotation{}); err != nil {
		t.Fatal(err)
	}
	h.rotate(t, id, apikey.Rotation{Overlap: time.Hour})
	again, err := h.Rotate(t.Context(), by, id, 0, apikey.Rotation{})
	if err != nil || !again.Repeated || again.Text.Reveal() != "" || again.Key.Generation != 3 {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = h.Rotate(t.Context(), repeating(h.admin, "retry", "another"), id, 0, apikey.Rotation{})
	wantKind(t, err, apikey.Reused)
}

// Who could not rotate the key any more gets no text of it: without the right,
// without what the key holds by now, or because the key is gone.
func TestRepeatedRotationNeedsTheRights(t *testing.T) {
	for name, c := range map[string]struct {
		take func(h *house, rotator, rotated apikey.Key) error
		kind apikey.Kind
	}{
		"may not rotate": {func(h *house, rotator, _ apikey.Key) error {
			return patched(h, rotator, apikey.Edit{Permissions: new(permission.NewSet("ManageFiles"))})
		}, apikey.Forbidden},
		"the key holds more": {func(h *house, _, rotated apikey.Key) error {
			return patched(h, rotated, apikey.Edit{Permissions: new(permission.NewSet("ManageFiles", "ViewTables"))})
		}, apikey.NotHeld},
		"the key is deleted": {func(h *house, _, rotated apikey.Key) error {
			return h.Delete(context.Background(), h.admin, rotated.ID, 0)
		}, apikey.NotFound},
	} {
		h := newHouse(t)
		rotator, rotated := h.create(t, "rotator", "AdministerApiKeys", "ManageFiles"), h.create(t, "rotated", "ManageFiles")
		by := repeating(caller(rotator), "retry", "rotate")
		if _, err := h.Rotate(t.Context(), by, rotated.ID, 0, apikey.Rotation{}); err != nil {
			t.Fatal(err)
		}
		if err := c.take(h, rotator, h.stored(t, rotated.ID)); err != nil {
			t.Fatal(err)
		}
		again, err := h.Rotate(t.Context(), by, rotated.ID, 0, apikey.Rotation{})
		if wantKind(t, err, c.kind); again.Text.Reveal() != "" {
			t.Errorf("%s: something was shown", name)
		}
	}
}

// A key that rotates itself repeats that with either secret while the old one
// overlaps. Without an overlap its old secret is dead at once, and opens nothing,
// not even the answer that was lost.
func TestRepeatedSelfRotation(t *testing.T) {
	for name, c := range map[string]struct {
		overlap    time.Duration
		generation int
		kind       apikey.Kind
	}{
		"old secret, overlap":    {time.Hour, 1, 0},
		"new secret, overlap":    {time.Hour, 2, 0},
		"old secret, no overlap": {0, 1, apikey.Unauthenticated},
		"new secret, no overlap": {0, 2, 0},
	} {
		h := newHouse(t)
		key := h.create(t, "self", "SelfRotate")
		by := repeating(caller(key), "retry", "rotate")
		first, err := h.Rotate(t.Context(), by, key.ID, 0, apikey.Rotation{Overlap: c.overlap})
		if err != nil {
			t.Fatal(err)
		}
		by.Generation = c.generation
		again, err := h.Rotate(t.Context(), by, key.ID, 0, apikey.Rotation{Overlap: c.overlap})
		switch {
		case c.kind != 0:
			wantKind(t, err, c.kind)
		case err != nil || !again.Repeated || again.Text.Reveal() != first.Text.Reveal():
			t.Errorf("%s: %+v, %v", name, again, err)
		}
	}
}

// Of many equal rotations at once, one happens and all return its text, also if
// it leaves a previous secret that refuses others.
func TestRotationsAtOnce(t *testing.T) {
	for _, overlap := range []time.Duration{0, time.Hour} {
		h := newHouse(t)
		id := h.create(t, "k", "ManageFiles").ID
		by := repeating(h.admin, "retry", "rotate")
		var rotated atomic.Int32
		var group sync.WaitGroup
		texts := make([]string, 30)
		for n := range texts {
			group.Go(func() {
				made, err := h.Rotate(t.Context(), by, id, 1, apikey.Rotation{Overlap: overlap})
				if err != nil {
					t.Error(err)
				}
				if texts[n] = made.Text.Reveal(); !made.Repeated {
					rotated.Add(1)
				}
			})
		}
		group.Wait()
		for _, text := range texts {
			if text == "" || text != texts[0] {
				t.Error("the texts differ")
			}
		}
		if rotated.Load() != 1 || h.stored(t, id).Generation != 2 {
			t.Errorf("%d rotations", rotated.Load())
		}
	}
}

// A rotation that finds no outcome but what its first sending left, a live
// previous secret or another version, is answered like any other repetition.
func TestRepetitionMeetsItsOwnRotation(t *testing.T) {
	for _, version := range []int64{0, 1} {
		h := newHouse(t)
		id := h.create(t, "k", "ManageFiles").ID
		by := repeating(h.admin, "retry", "rotate")
		if _, err := h.Rotate(t.Context(), by, id, version, apikey.Rotation{Overlap: time.Hour}); err != nil {
			t.Fatal(err)
		}
		h.Store = &lagging{hookedStore: h.store}
		again, err := h.Rotate(t.Context(), by, id, version, apikey.Rotation{Overlap: time.Hour})
		if err != nil || !again.Repeated {
			t.Errorf("version %d: %+v, %v", version, again, err)
		}
	}
}
