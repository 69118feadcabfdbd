package apikey_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// leak reports the text of a new key that holds what is given.
func (h *house) leak(t *testing.T, wanted apikey.OnExposure, holds ...string) apikey.Minted {
	t.Helper()
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{OnExposure: &wanted}); err != nil {
		t.Fatal(err)
	}
	minted, err := h.Create(t.Context(), h.admin, draft("leaked", holds...))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: minted.Text}); err != nil {
		t.Fatal(err)
	}
	if h.stored(t, minted.Key.ID).Exposure == nil {
		t.Fatal("the key is not flagged")
	}
	return minted
}

// The secret of a key that was reported as leaked has no overlap: it ends with
// the rotation. The key is then sound, and another report flags it anew.
func TestRotateExposed(t *testing.T) {
	h := newHouse(t)
	id := h.leak(t, apikey.ReportExposed, "ManageFiles").Key.ID
	_, err := h.Rotate(t.Context(), h.admin, id, 0, apikey.Rotation{Overlap: 1e9})
	wantFields(t, err, "overlapSeconds")
	_, err = h.Rotate(t.Context(), h.admin, id, 0, apikey.Rotation{FromFirstUse: true})
	wantFields(t, err, "overlapFrom")
	after, text := h.rotate(t, id, apikey.Rotation{})
	if after.Exposure != nil || after.Disabled || after.Previous(h.clock.Now()) != nil {
		t.Errorf("rotated into %+v", after)
	}
	if err := h.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: text}); err != nil || h.stored(t, id).Exposure == nil {
		t.Errorf("the new secret leaked too: %v", err)
	}
}

// A key that was disabled because it leaked is rotated without being enabled
// first, and stays disabled. Deleted afterwards, it can be restored; without the
// rotation, it cannot.
func TestRotateDisabledBecauseExposed(t *testing.T) {
	h := newHouse(t)
	id := h.leak(t, apikey.DisableExposed, "ManageFiles").Key.ID
	after, _ := h.rotate(t, id, apikey.Rotation{})
	if after.Exposure != nil || !after.Disabled {
		t.Errorf("rotated into %+v", after)
	}
	_, err := h.Rotate(t.Context(), h.admin, id, 0, apikey.Rotation{})
	wantKind(t, err, apikey.NotRotatable)
	if err := h.Delete(t.Context(), h.admin, id, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Restore(t.Context(), h.admin, id); err != nil {
		t.Errorf("not restored: %v", err)
	}
	other := newHouse(t)
	id = other.leak(t, apikey.DisableExposed, "ManageFiles").Key.ID
	if err := other.Delete(t.Context(), other.admin, id, 0); err != nil {
		t.Fatal(err)
	}
	_, _, err = other.Restore(t.Context(), other.admin, id)
	wantKind(t, err, apikey.NotRestorable)
}

// A leaked key that rotates itself stays flagged: that may have been the thief.
func TestExposedKeyRotatesItself(t *testing.T) {
	h := newHouse(t)
	leaked := h.leak(t, apikey.ReportExposed, "SelfRotate")
	if _, err := h.Rotate(t.Context(), caller(leaked.Key), leaked.Key.ID, 0, apikey.Rotation{}); err != nil {
		t.Fatal(err)
	}
	if h.stored(t, leaked.Key.ID).Exposure == nil {
		t.Error("the flag is gone")
	}
}
