package apikey_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// notices returns the notices about a key that were recorded so far, the oldest
// first: the days of an expiry, or "stale".
func (h *house) notices(t *testing.T, key apikey.Key) (all []string) {
	t.Helper()
	records := h.audits(t)
	slices.SortFunc(records, func(a, b apikey.AuditRecord) int { return a.At.Compare(b.At) })
	for _, r := range records {
		switch {
		case r.Target != key.ID.String():
		case r.Action == apikey.ActionKeyExpiring:
			all = append(all, r.After["days"])
		case r.Action == apikey.ActionKeyStale:
			all = append(all, "stale")
		}
	}
	return all
}

// send runs a round of notices, which has time for all keys.
func (h *house) send(t *testing.T) {
	t.Helper()
	if sent, err := h.SendNotices(t.Context()); err != nil || !sent.Complete {
		t.Fatal(sent, err)
	}
}

// wantNotices fails the test unless these notices about the key are recorded once
// the round is complete, and another round records no more.
func (h *house) wantNotices(t *testing.T, key apikey.Key, want ...string) {
	t.Helper()
	h.send(t)
	h.send(t)
	if got := h.notices(t, key); !slices.Equal(got, want) {
		t.Errorf("%s has the notices %v, want %v", key.Name, got, want)
	}
}

// expiring creates a key that expires after that time.
func (h *house) expiring(t *testing.T, after time.Duration) apikey.Key {
	t.Helper()
	d := draft("expiring in "+after.String(), "ManageFiles")
	d.ExpiresOn = h.clock.Now().Truncate(time.Second).Add(after)
	minted, err := h.Create(t.Context(), h.admin, d)
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// A key gets a notice once when 30, 7 and 1 days are left, and none once it has
// expired.
func TestExpiryNotices(t *testing.T) {
	h := newHouse(t)
	key, forever := h.expiring(t, 40*apikey.Day), h.create(t, "forever", "ManageFiles")
	h.wantNotices(t, key)
	h.clock.Advance(10*apikey.Day - time.Minute)
	h.wantNotices(t, key)
	h.clock.Advance(time.Minute)
	h.wantNotices(t, key, "30")
	h.clock.Advance(20 * apikey.Day)
	h.wantNotices(t, key, "30")
	h.clock.Advance(3 * apikey.Day)
	h.wantNotices(t, key, "30", "7")
	h.clock.Advance(6 * apikey.Day)
	h.wantNotices(t, key, "30", "7", "1")
	h.clock.Advance(apikey.Day)
	h.wantNotices(t, key, "30", "7", "1")
	h.wantNotices(t, forever)
	for _, r := range h.audits(t) {
		if r.Action == apikey.ActionKeyExpiring && (r.Actor.Username != "send-notices" || r.After["expiresOn"] == "" || r.After["name"] != key.Name || r.After["createdBy"] == "") {
			t.Errorf("recorded %+v", r)
		}
	}
}

// Only the notice that is due last is sent: a key that is made with five days to
// live gets that of seven days, and not that of 30 as well. One that no round met
// for long gets one notice.
func TestOnlyTheNearestNotice(t *testing.T) {
	h := newHouse(t)
	short, brief, long := h.expiring(t, 5*apikey.Day), h.expiring(t, time.Hour), h.expiring(t, 60*apikey.Day)
	h.wantNotices(t, short, "7")
	h.wantNotices(t, brief, "1")
	h.clock.Advance(59*apikey.Day + time.Hour)
	h.wantNotices(t, long, "1")
	h.wantNotices(t, short, "7")
}

// Another expiry makes the notices due again, even an earlier one, and even one
// of which the same days are left.
func TestAnotherExpiryIsNoticed(t *testing.T) {
	h := newHouse(t)
	key := h.expiring(t, 7*apikey.Day)
	move := func(expires time.Time) {
		t.Helper()
		if _, _, err := h.Patch(t.Context(), h.admin, key.ID, 0, apikey.Edit{ExpiresOn: &expires}); err != nil {
			t.Fatal(err)
		}
	}
	h.wantNotices(t, key, "7")
	move(key.ExpiresOn.Add(90 * apikey.Day))
	h.wantNotices(t, key, "7")
	h.clock.Advance(67 * apikey.Day)
	h.wantNotices(t, key, "7", "30")
	h.clock.Advance(time.Minute)
	move(h.clock.Now().Truncate(time.Second).Add(12 * time.Hour))
	h.wantNotices(t, key, "7", "30", "1")
	h.clock.Advance(time.Minute)
	move(h.clock.Now().Truncate(time.Second).Add(13 * time.Hour))
	h.wantNotices(t, key, "7", "30", "1", "1")
}

// A key that is not used for the organization's time is noticed once. Its use, or
// another secret, makes it due again after the same time. A key that was never
// used counts from its creation, or from when it is valid.
func TestStaleNotices(t *testing.T) {
	h := newHouse(t)
	h.send(t)
	key := h.create(t, "unused", "ManageFiles")
	later := draft("later", "ManageFiles")
	later.NotBefore = h.clock.Now().Truncate(time.Second).Add(50 * apikey.Day)
	minted, err := h.Create(t.Context(), h.admin, later)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(90*apikey.Day - time.Minute)
	h.wantNotices(t, key)
	h.clock.Advance(time.Minute)
	h.wantNotices(t, key, "stale")
	h.wantNotices(t, minted.Key)
	h.clock.Advance(50 * apikey.Day)
	h.wantNotices(t, minted.Key, "stale")

	h.count(t, used(key.ID, h.clock.Now().Truncate(time.Millisecond), "View", "", 1))
	h.clock.Advance(89 * apikey.Day)
	h.wantNotices(t, key, "stale")
	h.clock.Advance(apikey.Day)
	h.wantNotices(t, key, "stale", "stale")
	if _, err := h.Rotate(t.Context(), h.admin, key.ID, 0, apikey.Rotation{}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(89 * apikey.Day)
	h.wantNotices(t, key, "stale", "stale")
	h.clock.Advance(apikey.Day)
	h.wantNotices(t, key, "stale", "stale", "stale")
}

// Uses were not always counted: a key that is older than the first round is not
// stale before that has passed the organization's time.
func TestStaleOnlySinceUsesAreCounted(t *testing.T) {
	h := newHouse(t)
	key := h.create(t, "old", "ManageFiles")
	h.clock.Advance(1000 * apikey.Day)
	h.wantNotices(t, key)
	h.clock.Advance(89 * apikey.Day)
	h.wantNotices(t, key)
	h.clock.Advance(apikey.Day)
	h.wantNotices(t, key, "stale")
}

// The organization's setting says after how many days a key is stale; 0 means
// never.
func TestStaleAfterDays(t *testing.T) {
	h := newHouse(t)
	h.send(t)
	key := h.create(t, "unused", "ManageFiles")
	set := func(days int) {
		t.Helper()
		if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{StaleAfterDays: &days}); err != nil {
			t.Fatal(err)
		}
	}
	set(0)
	h.clock.Advance(100 * apikey.Day)
	h.wantNotices(t, key)
	set(101)
	h.wantNotices(t, key)
	set(100)
	h.wantNotices(t, key, "stale")
	set(10)
	h.wantNotices(t, key, "stale")
}

// Keys that are deleted or disabled, and those of a suspended organization, get
// no notices; those that are due come when they open something again.
func TestNoNoticesOfWhatOpensNothing(t *testing.T) {
	h := newHouse(t)
	deleted, disabled := h.expiring(t, 5*apikey.Day), h.expiring(t, 6*apikey.Day)
	if err := h.Delete(t.Context(), h.admin, deleted.ID, 0); err != nil {
		t.Fatal(err)
	}
	disable := func(off bool) {
		t.Helper()
		if _, _, err := h.Patch(t.Context(), h.admin, disabled.ID, 0, apikey.Edit{Disabled: &off}); err != nil {
			t.Fatal(err)
		}
	}
	suspend := func(off bool) {
		t.Helper()
		if _, err := h.Suspend(t.Context(), apikey.Suspension{Organization: "demo", Suspended: off, Reason: "A drill"}); err != nil {
			t.Fatal(err)
		}
	}
	disable(true)
	h.wantNotices(t, deleted)
	h.wantNotices(t, disabled)
	disable(false)
	suspend(true)
	h.wantNotices(t, disabled)
	suspend(false)
	h.wantNotices(t, disabled, "7")
}

// Whoever runs at the same time, and whatever changes in between, a notice is
// recorded once, and only of a key as it is then.
func TestNoticesAreRecordedOnce(t *testing.T) {
	h := newHouse(t)
	key := h.expiring(t, 5*apikey.Day)
	h.store.before = func() {
		h.count(t, used(key.ID, h.clock.Now().Truncate(time.Millisecond), "View", "", 1))
		h.send(t)
	}
	h.wantNotices(t, key, "7")
	if h.lastUse(t, key.ID).UsedOn.IsZero() {
		t.Error("a notice overwrote the use")
	}
	gone := h.expiring(t, 5*apikey.Day+time.Second)
	h.store.before = func() {
		if err := h.Delete(t.Context(), h.admin, gone.ID, 0); err != nil {
			t.Error(err)
		}
	}
	h.wantNotices(t, gone)

	again := h.expiring(t, 4*apikey.Day)
	var runs sync.WaitGroup
	for range 8 {
		runs.Go(func() {
			if _, err := h.SendNotices(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	h.wantNotices(t, again, "7")
}

// A run that has no time left stops after a page, and the next one continues
// there, through all organizations.
func TestNoticesContinueWhereTheyStopped(t *testing.T) { synctest.Test(t, noticesContinue) }

func noticesContinue(t *testing.T) {
	h := newHouse(t)
	h.setup(t, "other")
	h.setup(t, "zebra")
	first, last := h.expiring(t, 5*apikey.Day), h.expiring(t, 6*apikey.Day)
	runs, looked := 0, 0
	for complete := false; !complete; runs++ {
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		sent, err := h.SendNotices(ctx)
		if cancel(); err != nil || sent.Keys > 1 || runs > 100 {
			t.Fatal(sent, err, runs)
		}
		complete, looked = sent.Complete, looked+sent.Keys
	}
	if looked != 6 || runs != 7 {
		t.Errorf("looked at %d keys in %d runs", looked, runs)
	}
	h.wantNotices(t, first, "7")
	h.wantNotices(t, last, "7")
}

// What is damaged or fails keeps nothing else from its notices, and is an error.
func TestNoticesDespiteDamage(t *testing.T) {
	h := newHouse(t)
	good, used, key := h.expiring(t, 5*apikey.Day), h.expiring(t, 6*apikey.Day), h.expiring(t, 4*apikey.Day)
	h.send(t)
	h.clock.Advance(4*apikey.Day - time.Minute)
	h.store.Damage(apikey.LastUseRef(used.ID))
	h.store.Damage(apikey.KeyRef(key.ID))
	h.setup(t, "broken")
	h.store.Damage(apikey.OrganizationRef("broken"))
	for range 2 {
		if sent, err := h.SendNotices(t.Context()); apikey.KindOf(err) != apikey.Unavailable || !sent.Complete {
			t.Error(sent, err)
		}
	}
	if got := strings.Join(h.notices(t, good), " "); got != "7" {
		t.Errorf("notices %s", got)
	}
	h.clock.Advance(2 * time.Minute)
	_, _ = h.SendNotices(t.Context())
	if got := strings.Join(h.notices(t, good), " "); got != "7 1" {
		t.Errorf("notices %s", got)
	}
	h.store.Break(errors.New("down"))
	if _, err := h.SendNotices(t.Context()); apikey.KindOf(err) != apikey.Unavailable {
		t.Error(err)
	}
}
