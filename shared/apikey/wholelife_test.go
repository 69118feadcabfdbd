package apikey_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A key that is valid only far in the future, and for ever, is rotated, deleted
// and restored, also while the clock is set back.
func TestRotateAtTheLimitsOfTime(t *testing.T) {
	h := newHouse(t)
	d := draft("k", "ViewTables")
	d.ExpiresOn = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	d.NotBefore = h.clock.Now().Add(time.Hour * 24 * 3000)
	minted, err := h.Create(t.Context(), h.admin, d)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if _, err := h.Rotate(t.Context(), h.admin, minted.Key.ID, 0, apikey.Rotation{Overlap: apikey.MaxOverlap, FromFirstUse: true}); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(-time.Hour)
		if err := h.EndPreviousSecret(t.Context(), h.admin, minted.Key.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	h.delete(t, minted.Key.ID)
	h.clock.Advance(-time.Hour)
	if _, _, err := h.Restore(t.Context(), h.admin, minted.Key.ID); err != nil {
		t.Fatal(err)
	}
}

// A secret that was ended stays so where the clock is behind, by a rotation
// without an overlap and by the end of one. The key can be rotated there.
func TestEndedSecretStaysEnded(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ViewTables")
	first := caller(key)
	key, _ = h.rotate(t, key.ID, apikey.Rotation{})
	second := caller(key)
	h.clock.Advance(time.Hour)
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour})
	if err := h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	for _, ended := range []apikey.Caller{first, second} {
		h.clock.Advance(-time.Minute)
		_, err := h.WhoAmI(t.Context(), ended)
		wantKind(t, err, apikey.Unauthenticated)
		key, _ = h.rotate(t, key.ID, apikey.Rotation{})
	}
	for _, ended := range []apikey.Caller{first, second} {
		_, err := h.WhoAmI(t.Context(), ended)
		wantKind(t, err, apikey.Unauthenticated)
	}
}

// A key as large as it can be is rotated, reported, deleted and restored.
func TestLargestKeyLives(t *testing.T) {
	h := newHouse(t)
	var all []string
	for i := range 3 {
		more := names(fmt.Sprintf("P%d.", i), 450, 64)
		if _, _, err := h.PutService(t.Context(), h.admin, fmt.Sprint("large-", i), 0, large("Large", more), false); err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	count := sort.Search(len(all), func(n int) bool {
		minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "large", Permissions: permission.NewSet(all[:n]...)})
		if err == nil {
			if err := h.Delete(t.Context(), h.owner, minted.Key.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
		return err != nil
	}) - 1
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "large", Permissions: permission.NewSet(all[:count]...)})
	if err != nil {
		t.Fatalf("%d %+v", count, err)
	}
	for range apikey.MaxOlder {
		if _, err := h.Rotate(t.Context(), h.owner, minted.Key.ID, 0, apikey.Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	h.delete(t, minted.Key.ID)
	if _, _, err := h.Restore(t.Context(), h.owner, minted.Key.ID); err != nil {
		t.Error(err)
	}
}
