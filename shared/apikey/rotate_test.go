package apikey_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// rotate rotates a key as the admin, and returns it as it is stored.
func (h *house) rotate(t *testing.T, id uuid.UUID, rotation apikey.Rotation) (apikey.Key, keytext.Key) {
	t.Helper()
	minted, err := h.Rotate(t.Context(), h.admin, id, 0, rotation)
	if err != nil {
		t.Fatal(err)
	}
	stored := h.stored(t, id)
	if stored.Digest != minted.Key.Digest || stored.Version != minted.Key.Version {
		t.Errorf("answered %+v, stored %+v", minted.Key, stored)
	}
	return stored, minted.Text
}

func (h *house) stored(t *testing.T, id uuid.UUID) apikey.Key {
	t.Helper()
	key, err := h.store.Key(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A rotated key keeps everything but its secret: the new text has the same id
// and verifies, and the old text is the first of the older secrets.
func TestRotateKeepsTheKey(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.admin, draft("k", "ManageFiles"))
	if err != nil {
		t.Fatal(err)
	}
	before := minted.Key
	h.clock.Advance(time.Hour)
	now := h.clock.Now()
	after, text := h.rotate(t, before.ID, apikey.Rotation{Overlap: time.Minute})

	if text.ID() != before.ID || text.Reveal() == minted.Text.Reveal() || after.Redacted != text.Redacted() || after.Redacted == before.Redacted {
		t.Errorf("new text %s of %s", text, minted.Text)
	}
	for _, c := range []struct {
		text   keytext.Key
		digest apikey.Digest
		right  bool
	}{
		{text, after.Digest, true}, {minted.Text, after.Older[0].Digest, true}, {minted.Text, after.Digest, false}, {text, after.Older[0].Digest, false},
	} {
		if right, err := apikey.Matches(t.Context(), h.Digester, c.text, c.digest); err != nil || right != c.right {
			t.Errorf("%s matches: %v, %v", c.text, right, err)
		}
	}
	old := apikey.OlderSecret{
		Generation: 1, Redacted: before.Redacted, Start: before.Start, Digest: before.Digest, CreatedOn: before.CreatedOn, EndsOn: now.Add(time.Minute),
	}
	if len(after.Older) != 1 || after.Older[0] != old {
		t.Errorf("older secrets %+v, want %+v", after.Older, old)
	}
	if after.Generation != 2 || !after.SecretOn.Equal(now) || after.Version != before.Version+1 || after.LastModifiedBy.UserID != h.own.ID.String() {
		t.Errorf("stored %+v", after)
	}
	after.Older, after.Generation, after.SecretOn, after.Digest, after.Redacted, after.Start = nil, 1, before.SecretOn, before.Digest, before.Redacted, before.Start
	after.Version, after.LastModifiedBy, after.LastModifiedOn = before.Version, before.LastModifiedBy, before.LastModifiedOn
	if !reflect.DeepEqual(after, before) {
		t.Errorf("rotated into %+v, was %+v", after, before)
	}
}

// The previous secret ends when the caller says: at once, after an overlap, or
// so long after the first use of the new one, but never after the key or the
// longest wait.
func TestOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		rotation apikey.Rotation
		expires  time.Duration
		ends     time.Duration
	}{
		"by default":                        {apikey.Rotation{}, 0, 0},
		"after an overlap":                  {apikey.Rotation{Overlap: time.Hour}, 0, time.Hour},
		"after the longest":                 {apikey.Rotation{Overlap: apikey.MaxOverlap}, 0, apikey.MaxOverlap},
		"until the expiry":                  {apikey.Rotation{Overlap: time.Hour}, time.Hour, time.Hour},
		"after the first use":               {apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, 0, apikey.MaxOverlap},
		"with the first use":                {apikey.Rotation{FromFirstUse: true}, 0, apikey.MaxOverlap},
		"after the first use, short expiry": {apikey.Rotation{Overlap: time.Minute, FromFirstUse: true}, time.Hour, time.Hour},
		"after the first use, long expiry":  {apikey.Rotation{FromFirstUse: true}, 2 * apikey.MaxOverlap, apikey.MaxOverlap},
	} {
		h := newHouse(t)
		now := h.clock.Advance(time.Second - time.Duration(h.clock.Now().Nanosecond()))
		d := draft("k", "ManageFiles")
		if c.expires > 0 {
			d.ExpiresOn = now.Add(c.expires)
		}
		minted, err := h.Create(t.Context(), h.admin, d)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := h.rotate(t, minted.Key.ID, c.rotation)
		old := key.Older[0]
		if !old.EndsOn.Equal(now.Add(c.ends)) || old.AwaitsUse != c.rotation.FromFirstUse || old.AwaitsUse && old.Overlap != c.rotation.Overlap {
			t.Errorf("%s: %+v", name, old)
		}
		if live := key.Previous(now) != nil; live != (c.ends > 0) {
			t.Errorf("%s: the previous secret is live: %v", name, live)
		}
	}
}

// An overlap that is too long is refused, naming the field and the longest one,
// and nothing changes.
func TestOverlapLimits(t *testing.T) {
	h := newHouse(t)
	h.clock.Advance(time.Second - time.Duration(h.clock.Now().Nanosecond()))
	forever := h.create(t, "forever", "ManageFiles")
	d := draft("short", "ManageFiles")
	d.ExpiresOn = h.clock.Now().Add(time.Hour)
	short, err := h.Create(t.Context(), h.admin, d)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute + time.Millisecond)
	for _, c := range []struct {
		key      apikey.Key
		rotation apikey.Rotation
		most     string
	}{
		{forever, apikey.Rotation{Overlap: -time.Second}, "2592000."},
		{forever, apikey.Rotation{Overlap: time.Millisecond}, "2592000."},
		{forever, apikey.Rotation{Overlap: apikey.MaxOverlap + time.Second}, "2592000."},
		{forever, apikey.Rotation{Overlap: 1 << 62, FromFirstUse: true}, "2592000."},
		{short.Key, apikey.Rotation{Overlap: time.Hour}, "3539, because the API key expires on"},
		{short.Key, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true}, "3539, because the API key expires on"},
	} {
		_, err := h.Rotate(t.Context(), h.admin, c.key.ID, 0, c.rotation)
		wantFields(t, err, "overlapSeconds")
		if fault, ok := errors.AsType[*apikey.Error](err); ok && !strings.Contains(fault.Fields[0].Detail, " to "+c.most) {
			t.Errorf("%s does not say %s", fault.Fields[0].Detail, c.most)
		}
		if after := h.stored(t, c.key.ID); !reflect.DeepEqual(after, c.key) {
			t.Errorf("changed into %+v", after)
		}
	}
	h.rotate(t, short.Key.ID, apikey.Rotation{Overlap: 3539 * time.Second})
}

// A key that is disabled, expired, gone or of another version is not rotated;
// one that is not valid yet is.
func TestWhatIsRotated(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*apikey.Draft, time.Time)
		later   time.Duration
		version int64
		want    apikey.Kind
	}{
		"not yet valid": {change: func(d *apikey.Draft, now time.Time) { d.NotBefore = now.Add(time.Hour) }},
		"disabled":      {change: func(d *apikey.Draft, _ time.Time) { d.Disabled = true }, want: apikey.NotRotatable},
		"expired":       {change: func(d *apikey.Draft, now time.Time) { d.ExpiresOn = now.Add(time.Hour) }, later: time.Hour, want: apikey.NotRotatable},
		"its version":   {version: 1},
		"another":       {version: 2, want: apikey.PreconditionFailed},
		"none":          {version: apikey.Absent, want: apikey.PreconditionFailed},
	} {
		h := newHouse(t)
		d := draft("k", "ManageFiles")
		if c.change != nil {
			c.change(&d, h.clock.Now())
		}
		minted, err := h.Create(t.Context(), h.admin, d)
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(c.later)
		_, err = h.Rotate(t.Context(), h.admin, minted.Key.ID, c.version, apikey.Rotation{})
		if c.want == 0 && err != nil || c.want != 0 && apikey.KindOf(err) != c.want {
			t.Errorf("%s: error %v, want kind %d", name, err, c.want)
		}
		if after := h.stored(t, minted.Key.ID); c.want != 0 && !reflect.DeepEqual(after, minted.Key) {
			t.Errorf("%s: changed into %+v", name, after)
		}
	}
	h := newHouse(t)
	gone := h.create(t, "gone")
	if err := h.Delete(t.Context(), h.admin, gone.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err := h.Rotate(t.Context(), h.admin, gone.ID, 0, apikey.Rotation{})
	wantKind(t, err, apikey.NotFound)
}

// A key never has more than two live secrets. While the previous one is live,
// another rotation is refused and says how to end it; afterwards it works, and
// so does one after the overlap. Only a few older secrets are remembered.
func TestTwoLiveSecrets(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour})
	_, err := h.Rotate(t.Context(), h.admin, key.ID, 0, apikey.Rotation{})
	wantKind(t, err, apikey.SecretLive)
	if !strings.Contains(err.Error(), "DELETE") {
		t.Errorf("%v does not say how to go on", err)
	}
	if err := h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	wantKind(t, h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0), apikey.NotFound)
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	h.clock.Advance(apikey.MaxOverlap)
	for range apikey.MaxOlder {
		h.rotate(t, key.ID, apikey.Rotation{})
	}
	after := h.stored(t, key.ID)
	var generations []int
	for _, old := range after.Older {
		generations = append(generations, old.Generation)
		if key.LiveSecret(old, h.clock.Now()) {
			t.Errorf("live: %+v", old)
		}
	}
	if after.Generation != 7 || !slices.Equal(generations, []int{6, 5, 4, 3}) {
		t.Errorf("generation %d, older %v", after.Generation, generations)
	}
}

// The previous secret ends at once if the overlap is ended, whatever it waited
// for, and whoever may rotate the key may do that.
func TestEndPreviousSecret(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	wantKind(t, h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0), apikey.NotFound)
	h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	wantKind(t, h.EndPreviousSecret(t.Context(), h.admin, key.ID, 1), apikey.PreconditionFailed)
	if err := h.EndPreviousSecret(t.Context(), h.admin, key.ID, 2); err != nil {
		t.Fatal(err)
	}
	after := h.stored(t, key.ID)
	if old := after.Older[0]; !old.EndsOn.Equal(h.clock.Now()) || old.AwaitsUse || after.Previous(h.clock.Now()) != nil || after.Version != 3 || after.Generation != 2 {
		t.Errorf("stored %+v", after)
	}
	if h.count(t, usedSecret(key.ID, 2, h.clock.Now())); h.stored(t, key.ID).Version != 3 {
		t.Error("an overlap that has ended starts")
	}
}

// The copy of a recoverable key is that of its new secret as soon as it has one.
func TestRotateReplacesTheCopy(t *testing.T) {
	h := newHouse(t)
	d := draft("k", "ManageFiles")
	d.Recoverable = true
	minted, err := h.Create(t.Context(), h.admin, d)
	if err != nil {
		t.Fatal(err)
	}
	_, text := h.rotate(t, minted.Key.ID, apikey.Rotation{Overlap: time.Hour})
	_, revealed, err := h.Reveal(t.Context(), h.admin, minted.Key.ID)
	if err != nil || revealed.Reveal() != text.Reveal() {
		t.Errorf("revealed %s, %v; rotated to %s", revealed, err, text)
	}
}

// Rotations, and ends of overlaps, are recorded with who did it and which secret
// it is, and without anything from which one could be computed.
func TestRotationIsRecorded(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "k", "ManageFiles")
	after, text := h.rotate(t, key.ID, apikey.Rotation{Overlap: time.Hour, FromFirstUse: true})
	h.clock.Advance(time.Minute)
	used := h.clock.Now()
	h.count(t, usedSecret(key.ID, 2, used))
	h.clock.Advance(time.Minute)
	if err := h.EndPreviousSecret(t.Context(), h.admin, key.ID, 0); err != nil {
		t.Fatal(err)
	}
	var told []apikey.AuditRecord
	for _, record := range h.audits(t) {
		if record.Target == key.ID.String() && record.Action != apikey.ActionCreateKey {
			told = append(told, record)
		}
	}
	slices.SortFunc(told, func(a, b apikey.AuditRecord) int { return a.At.Compare(b.At) })
	old := "1 " + key.Redacted + " until "
	until := func(at time.Time) string { return old + at.UTC().Format(time.RFC3339) }
	for i, want := range []struct {
		action         apikey.Action
		actor          string
		added, removed string
	}{
		{apikey.ActionRotateKey, h.own.ID.String(), until(after.Older[0].EndsOn) + " or 1h0m0s after its successor is used", ""},
		{apikey.ActionStartOverlap, "", until(used.Add(time.Hour)), until(after.Older[0].EndsOn) + " or 1h0m0s after its successor is used"},
		{apikey.ActionEndPreviousSecret, h.own.ID.String(), until(h.clock.Now()), until(used.Add(time.Hour))},
	} {
		got := told[i]
		if got.Action != want.action || got.Actor.UserID != want.actor || got.Added["olderSecrets"] != want.added || got.Removed["olderSecrets"] != want.removed {
			t.Errorf("recorded %+v, want %+v", got, want)
		}
		for _, value := range slices.Concat(values(got.Before), values(got.After), values(got.Added), values(got.Removed)) {
			if strings.Contains(value, text.Reveal()[32:60]) {
				t.Errorf("the record shows the secret")
			}
		}
	}
	if told[0].After["secret"] != "2 "+text.Redacted() || len(told) != 3 || told[1].Actor.Username != "record-usage" {
		t.Errorf("recorded %+v", told)
	}
}

func values(m map[string]string) (all []string) {
	for _, value := range m {
		all = append(all, value)
	}
	return all
}
