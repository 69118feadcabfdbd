package apikey_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// A key's digest moves to the active pepper on the condition of the old digest,
// with a new version and without an audit record. Nobody has modified the key, but
// its record has changed, which its propagation shows.
func TestDigestMoves(t *testing.T) {
	h := newHouse(t)
	h.elsewhere(nil)
	key := h.create(t, "key", "ManageFiles")
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	h.clock.Advance(time.Hour)
	records := len(h.audits(t))
	proposal := h.propose(t, key, 1, []byte("text"), key.Digest, 2)
	h.count(t, proposal)
	moved := h.stored(t, key.ID)
	want := key
	want.Digest, want.MovedOn, want.Version = proposal.Rehash.To, moved.MovedOn, 2
	if moved.Digest != want.Digest || moved.Version != 2 || moved.LastModifiedOn != key.LastModifiedOn || moved.MovedOn.Before(proposal.LastOn) || len(h.audits(t)) != records {
		t.Errorf("moved to %+v, with %d records", moved, len(h.audits(t))-records)
	}
	h.count(t, proposal, proposal)
	if again := h.stored(t, key.ID); again.Version != 2 {
		t.Errorf("moved again: %+v", again)
	}
	h.clock.Advance(time.Minute)
	found, err := h.Propagation(t.Context(), h.admin, key.ID)
	if until, ok := found.OlderUntil(); err != nil || !ok || until.Before(moved.MovedOn.Add(h.Regions.CacheTTL)) {
		t.Errorf("older versions until %v, %v", until, err)
	}
}

// A proposal changes nothing if it is about another digest, another secret, a
// pepper that is not active any more or not yet known, or a deleted key. A last
// use comes through all the same.
func TestProposalsThatMoveNothing(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "key", "ManageFiles")
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	h.rotatePepper(t, 0, "1 verifying 3, 2 verifying 0, 3 active 0")
	other := key.Digest
	other.Sum[0]++
	for name, proposal := range map[string]apikey.Uses{
		"another digest":    h.propose(t, key, 1, []byte("x"), other, 3),
		"another secret":    h.propose(t, key, 2, []byte("x"), key.Digest, 3),
		"replaced pepper":   h.propose(t, key, 1, []byte("x"), key.Digest, 2),
		"same pepper":       h.propose(t, key, 1, []byte("x"), key.Digest, 1),
		"unknown pepper":    h.propose(t, key, 1, []byte("x"), key.Digest, 4),
		"from a newer one":  h.propose(t, key, 1, []byte("x"), apikey.Digest{Pepper: 4}, 3),
		"from the same one": h.propose(t, key, 1, []byte("x"), apikey.Digest{Pepper: 3}, 3),
	} {
		h.count(t, proposal)
		if now := h.stored(t, key.ID); now.Digest != key.Digest || now.Version != 1 {
			t.Errorf("%s: moved to %+v", name, now)
		}
	}
	if use := h.lastUse(t, key.ID); use.UsedOn.IsZero() {
		t.Error("the last use is lost")
	}
	if err := h.Delete(t.Context(), h.admin, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.count(t, h.propose(t, key, 1, []byte("x"), key.Digest, 3))
	if now := h.stored(t, key.ID); now.Digest != key.Digest {
		t.Errorf("a deleted key moved to %+v", now)
	}
}

// The live older secret of an overlap moves by itself, and the key's current
// secret stays.
func TestOlderSecretMoves(t *testing.T) {
	h := newHouse(t)
	first := h.create(t, "key", "ManageFiles")
	if _, err := h.Rotate(t.Context(), h.admin, first.ID, 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		t.Fatal(err)
	}
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	rotated := h.stored(t, first.ID)
	proposal := h.propose(t, first, 1, []byte("text"), first.Digest, 2)
	h.count(t, proposal)
	moved := h.stored(t, first.ID)
	if moved.Digest != rotated.Digest || moved.Older[0].Digest != proposal.Rehash.To || moved.Older[0].EndsOn != rotated.Older[0].EndsOn || moved.Version != 3 {
		t.Errorf("moved to %+v", moved)
	}
}

// A digest comes under no pepper that is replaced meanwhile.
func TestPepperIsReplacedMeanwhile(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "key", "ManageFiles")
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	h.store.before = func() { h.rotatePepper(t, 0, "1 verifying 3, 2 verifying 0, 3 active 0") }
	h.count(t, h.propose(t, key, 1, []byte("text"), key.Digest, 2))
	if now := h.stored(t, key.ID); now.Digest != key.Digest {
		t.Errorf("moved to %+v", now)
	}
}

// Only a move needs no audit record: not with another change of the key, nor to an
// older pepper or another digest under the same one, nor together with any other
// write, nor alone with its condition.
func TestOnlyMovesNeedNoRecord(t *testing.T) {
	now := time.Unix(1, 0)
	before := apikey.Key{Name: "key", Digest: apikey.Digest{Pepper: 1}, Version: 4, Older: []apikey.OlderSecret{{Generation: 1, Digest: apikey.Digest{Pepper: 1}}}}
	write := func(change func(*apikey.Key)) apikey.ReplaceKey {
		after := before
		after.Older = slices.Clone(before.Older)
		after.MovedOn, after.Version = now, 5
		change(&after)
		return apikey.ReplaceKey{Before: before, After: after}
	}
	current := write(func(k *apikey.Key) { k.Digest = apikey.Digest{Pepper: 2, Sum: [32]byte{1}} })
	older := write(func(k *apikey.Key) { k.Older[0].Digest.Pepper = 3 })
	condition, use := apikey.RequirePepper{Version: 2, State: apikey.PepperActive}, apikey.PutLastUse{}
	for _, writes := range [][]apikey.Write{{current}, {older, condition}, {current, condition, use}, {use}, {use, condition}} {
		if (apikey.Change{Writes: writes}).NeedsAudit() {
			t.Errorf("%+v needs a record", writes)
		}
	}
	sealed, elsewhere := current, current
	sealed.Sealed = []byte{1}
	elsewhere.After.Org = "other"
	for name, w := range map[string]apikey.Write{
		"nothing":          write(func(*apikey.Key) {}),
		"an older pepper":  apikey.ReplaceKey{Before: current.After, After: func() apikey.Key { k := before; k.Version = 6; k.MovedOn = now; return k }()},
		"the same pepper":  write(func(k *apikey.Key) { k.Digest.Sum[0] = 1 }),
		"the same, older":  write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.Older[0].Digest.Sum[0] = 1 }),
		"and enabled":      write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.Disabled = true }),
		"and modified":     write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.LastModifiedOn = now }),
		"and ends later":   write(func(k *apikey.Key) { k.Older[0].Digest.Pepper = 2; k.Older[0].EndsOn = now }),
		"and a new secret": write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.Generation++ }),
		"and drops one":    write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.Older = nil }),
		"two versions":     write(func(k *apikey.Key) { k.Digest.Pepper = 2; k.Version++ }),
		"with a copy":      sealed,
		"of a foreign key": elsewhere,
		"the condition":    condition,
		"a deletion":       apikey.DeleteKey{Key: before},
		"a retired pepper": apikey.ReplacePepper{},
		"an earlier moment": apikey.ReplaceKey{Before: current.After, After: func() apikey.Key {
			k := current.After
			k.Digest.Pepper = 9
			k.Version++
			k.MovedOn = time.Time{}
			return k
		}()},
	} {
		if !(apikey.Change{Writes: []apikey.Write{w}}).NeedsAudit() {
			t.Errorf("%s needs no record", name)
		}
		if name != "the condition" && !(apikey.Change{Writes: []apikey.Write{current, w}}).NeedsAudit() {
			t.Errorf("%s beside a move needs no record", name)
		}
	}
}

// The first use of a new secret can both end the previous one and move a digest.
// That is one change of the key, with the record of the overlap.
func TestDigestMovesAndOverlapStarts(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "key", "ManageFiles")
	if _, err := h.Rotate(t.Context(), h.admin, key.ID, 0, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}); err != nil {
		t.Fatal(err)
	}
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	rotated := h.stored(t, key.ID)
	h.clock.Advance(time.Minute)
	proposal := h.propose(t, rotated, 2, []byte("text"), rotated.Digest, 2)
	proposal.Secrets = []apikey.SecretUse{{Generation: 2, On: proposal.LastOn, FirstOn: proposal.LastOn}}
	records := len(h.audits(t))
	h.count(t, proposal, proposal)
	moved := h.stored(t, key.ID)
	if moved.Digest != proposal.Rehash.To || moved.Older[0].AwaitsUse || moved.Version != rotated.Version+1 || len(h.audits(t)) != records+1 {
		t.Errorf("moved to %+v, with %d records", moved, len(h.audits(t))-records)
	}
}
