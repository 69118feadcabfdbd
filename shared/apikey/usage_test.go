package apikey_test

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/uuid"
)

// used returns the uses of a key that a region counted on a day, with some
// requests of the hour and a last use.
func used(key uuid.UUID, at time.Time, permission, code string, n int64) apikey.Uses {
	u := apikey.Uses{
		Key: key, Org: "demo", Day: at.UTC().Truncate(apikey.Day), Region: "eu-central-1",
		Counts: []apikey.UseCount{{Hour: at.UTC().Hour(), Permission: permission, Code: code, Requests: n}},
	}
	if code == "" {
		u.LastOn, u.LastFrom = at, netip.MustParseAddr("192.0.2.7")
		u.Secrets = []apikey.SecretUse{{Generation: 1, On: at, From: u.LastFrom, FirstOn: at}}
	}
	return u
}

func (h *house) count(t *testing.T, uses ...apikey.Uses) {
	t.Helper()
	for _, u := range uses {
		if err := h.store.AddUses(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(h.RecordUses(t.Context(), uses)...); err != nil {
		t.Fatal(err)
	}
}

func (h *house) lastUse(t *testing.T, key uuid.UUID) apikey.LastUse {
	t.Helper()
	_, names, err := h.GetWithUse(t.Context(), h.admin, key)
	if err != nil {
		t.Fatal(err)
	}
	return names.LastUses[key]
}

// A key shows its latest use, in whatever order and however often uses are
// recorded. What changes nothing is not written.
func TestLastUseIsTheLatest(t *testing.T) {
	h := newHouse(t)
	key := h.own.ID
	if use := h.lastUse(t, key); !use.UsedOn.IsZero() {
		t.Errorf("used before: %+v", use)
	}
	now := h.clock.Now().Truncate(time.Millisecond)
	early, late := used(key, now.Add(-time.Hour), "View", "", 1), used(key, now, "View", "", 1)
	second := apikey.SecretUse{Generation: 2, On: now.Add(-time.Minute), From: netip.MustParseAddr("192.0.2.8"), FirstOn: now.Add(-time.Minute)}
	late.Secrets = append(late.Secrets, second)
	h.count(t, late, early)
	h.count(t, early)
	h.count(t, early, late, used(key, now.Add(time.Minute), "", "KEY_EXPIRED", 1))
	use := h.lastUse(t, key)
	want := apikey.LastUse{
		Key: key, Org: "demo", UsedOn: now, UsedFrom: late.LastFrom, Version: 1,
		Secrets: []apikey.SecretUse{second, {Generation: 1, On: now, From: late.LastFrom, FirstOn: now.Add(-time.Hour)}},
	}
	if !reflect.DeepEqual(use, want) {
		t.Errorf("last use %+v, want %+v", use, want)
	}
	if use.SecretUse(2) != second || use.SecretUse(3) != (apikey.SecretUse{}) {
		t.Error("a secret's last use is another")
	}
	page, err := h.List(t.Context(), h.admin, apikey.KeyFilter{}, apikey.Position{}, 10)
	if err != nil || !slices.ContainsFunc(page.Keys, func(k apikey.Key) bool { return page.Names.LastUses[k.ID].UsedOn.Equal(now) }) {
		t.Errorf("the list shows %+v, %v", page.Names.LastUses, err)
	}
}

// The use of an ended secret is recorded in the audit log with its address, once
// an hour for each key, even if it is reported again. It is no use of the key.
func TestRetiredSecretIsRecordedOnceAnHour(t *testing.T) {
	h := newHouse(t)
	key, now := h.own.ID, h.clock.Now().Truncate(time.Millisecond)
	from := netip.MustParseAddr("203.0.113.9")
	retired := func(at time.Time) apikey.Uses {
		u := used(key, at, "", "SECRET_RETIRED", 1)
		u.Retired, u.RetiredFrom = apikey.SecretUse{Generation: 1, On: at}, from
		return u
	}
	h.count(t, retired(now), retired(now.Add(time.Minute)))
	h.count(t, retired(now), retired(now.Add(59*time.Minute)))
	h.count(t, retired(now.Add(time.Hour)))
	h.count(t, retired(now.Add(time.Hour)))
	var records []apikey.AuditRecord
	for _, r := range h.audits(t) {
		if r.Action == apikey.ActionRetiredSecretUsed {
			records = append(records, r)
		}
	}
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	if r := records[0]; r.Target != key.String() || r.Source != from || r.Key != key || r.After["secret"] != "1" || r.After["usedOn"] == "" {
		t.Errorf("recorded %+v", r)
	}
	if use := h.lastUse(t, key); !use.UsedOn.IsZero() || !use.RetiredOn.Equal(now.Add(time.Hour)) {
		t.Errorf("last use %+v", use)
	}
}

// Uses of a key that is gone are ignored. A failure of one key's record is that
// key's alone.
func TestRecordUsesOfSeveralKeys(t *testing.T) {
	h := newHouse(t)
	now := h.clock.Now().Truncate(time.Millisecond)
	gone := uuid.UUID{1}
	damaged := h.owner.Key
	h.count(t, used(damaged, now, "View", "", 1))
	h.store.Damage(apikey.LastUseRef(damaged))
	errs := h.RecordUses(t.Context(), []apikey.Uses{
		used(gone, now, "View", "", 1), used(damaged, now.Add(time.Minute), "View", "", 1), used(h.own.ID, now, "View", "", 1),
	})
	if len(errs) != 3 || errs[0] != nil || apikey.KindOf(errs[1]) != apikey.Unavailable || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
	if !h.lastUse(t, h.own.ID).UsedOn.Equal(now) {
		t.Error("another key's use is not recorded")
	}
	h.store.Break(errors.New("down"))
	if errs := h.RecordUses(t.Context(), []apikey.Uses{used(gone, now, "View", "", 1)}); apikey.KindOf(errs[0]) != apikey.Unavailable {
		t.Errorf("error %v during an outage", errs)
	}
}

// Usage is summed up over regions, by hour or by day, within the period asked for.
func TestUsageByHourAndDay(t *testing.T) {
	h := newHouse(t)
	key := h.own.ID
	noon := h.clock.Now().UTC().Truncate(apikey.Day).Add(12 * time.Hour)
	elsewhere := used(key, noon, "View", "", 5)
	elsewhere.Region = "us-east-1"
	h.count(t, used(key, noon, "View", "", 2), elsewhere, used(key, noon, "", "", 1), used(key, noon.Add(time.Hour), "", "KEY_EXPIRED", 3),
		used(key, noon.Add(-apikey.Day), "View", "", 7), used(key, noon.Add(-3*apikey.Day), "View", "", 9))
	row := func(start time.Time, allowed, refused int64, permissions, refusals map[string]int64) apikey.UsageRow {
		return apikey.UsageRow{Start: start, Allowed: allowed, Refused: refused, Permissions: permissions, Refusals: refusals}
	}
	type counts = map[string]int64
	for name, test := range map[string]struct {
		query apikey.UsageQuery
		want  []apikey.UsageRow
	}{
		"by hour": {apikey.UsageQuery{From: noon.Add(30 * time.Minute), To: noon.Add(2 * time.Hour), ByHour: true}, []apikey.UsageRow{
			row(noon, 8, 0, counts{"View": 7, "": 1}, counts{}), row(noon.Add(time.Hour), 0, 3, counts{}, counts{"KEY_EXPIRED": 3}),
		}},
		"by day": {apikey.UsageQuery{From: noon.Add(-apikey.Day), To: noon.Add(apikey.Day)}, []apikey.UsageRow{
			row(noon.Add(-36*time.Hour), 7, 0, counts{"View": 7}, counts{}), row(noon.Add(-12*time.Hour), 8, 3, counts{"View": 7, "": 1}, counts{"KEY_EXPIRED": 3}),
		}},
		"nothing": {apikey.UsageQuery{From: noon.Add(-2 * apikey.Day), To: noon.Add(-apikey.Day)}, nil},
	} {
		got, covers, err := h.Usage(t.Context(), h.admin, key, test.query)
		if err != nil || !covers.From.Before(covers.To) || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, test.want)
		}
	}
}

// A period that is empty, reversed or too long is refused, with the parameter's
// name. Nobody sees the usage of a key that they may not see.
func TestUsageFails(t *testing.T) {
	h := newHouse(t)
	at := h.clock.Now()
	for name, query := range map[string]apikey.UsageQuery{
		"reversed":     {From: at, To: at.Add(-apikey.Day)},
		"empty":        {From: at, To: at, ByHour: true},
		"many hours":   {From: at.Add(-8 * apikey.Day), To: at, ByHour: true},
		"many days":    {From: at.Add(-92 * apikey.Day), To: at},
		"from forever": {From: at.Add(-1000 * apikey.Day)},
	} {
		_, _, err := h.Usage(t.Context(), h.admin, h.own.ID, query)
		wantKind(t, err, apikey.Invalid)
		_, err = h.TopKeys(t.Context(), h.admin, query)
		if wantKind(t, err, apikey.Invalid); name == "" {
			t.Error("no name")
		}
	}
	_, _, err := h.Usage(t.Context(), h.admin, uuid.UUID{1}, apikey.UsageQuery{})
	wantKind(t, err, apikey.NotFound)
	_, err = h.PermissionUse(t.Context(), h.admin, uuid.UUID{1})
	wantKind(t, err, apikey.NotFound)
	other := caller(h.setup(t, "other").Admin.Key)
	_, _, err = h.Usage(t.Context(), other, h.own.ID, apikey.UsageQuery{})
	wantKind(t, err, apikey.NotFound)
	top, err := h.TopKeys(t.Context(), other, apikey.UsageQuery{})
	if err != nil || len(top.Keys) != 0 {
		t.Errorf("another organization sees %+v, %v", top, err)
	}
}

// The keys with the most requests in the period come first.
func TestTopKeys(t *testing.T) {
	h := newHouse(t)
	now := h.clock.Now().Truncate(time.Millisecond)
	h.count(t, used(h.own.ID, now, "View", "", 2), used(h.owner.Key, now.Add(-time.Hour), "View", "", 3), used(h.owner.Key, now, "", "KEY_DISABLED", 4))
	used, err := h.TopKeys(t.Context(), h.admin, apikey.UsageQuery{})
	top := used.Keys
	if err != nil || len(top) != 2 || top[0].Key != h.owner.Key || top[0].Allowed != 3 || top[0].Refused != 4 || top[1].Key != h.own.ID || top[1].Allowed != 2 {
		t.Errorf("%+v, %v", top, err)
	}
}

// Uses that name another organization than their key's show nothing there, and
// leave no record.
func TestUsesOfAnotherOrganization(t *testing.T) {
	h := newHouse(t)
	other := caller(h.setup(t, "other").Admin.Key)
	foreign := used(h.own.ID, h.clock.Now(), "View", "", 2)
	foreign.Org, foreign.Retired = "other", apikey.SecretUse{Generation: 1, On: h.clock.Now()}
	h.count(t, foreign, used(h.own.ID, h.clock.Now(), "View", "", 1))
	if top, err := h.TopKeys(t.Context(), other, apikey.UsageQuery{}); err != nil || len(top.Keys) != 0 {
		t.Errorf("it sees %+v, %v", top, err)
	}
	for _, record := range apikeytest.AuditLog(t, h.store, "other") {
		if record.Action == apikey.ActionRetiredSecretUsed {
			t.Errorf("it has %+v", record)
		}
	}
	if h.lastUse(t, h.own.ID).UsedOn.IsZero() {
		t.Error("the key's own use is lost")
	}
}

// A key whose uses are damaged keeps no other from the list. An outage is an
// error.
func TestTopKeysBesideDamage(t *testing.T) {
	h := newHouse(t)
	h.count(t, used(h.own.ID, h.clock.Now(), "View", "", 2), used(h.owner.Key, h.clock.Now(), "View", "", 3))
	for _, down := range []error{nil, errors.New("down")} {
		rules := *h.Rules
		rules.Store = unreadUses{h.store, h.own.ID, cmp.Or(down, apikey.ErrDamaged)}
		top, err := rules.TopKeys(t.Context(), h.admin, apikey.UsageQuery{})
		if down != nil {
			wantKind(t, err, apikey.Unavailable)
			continue
		}
		if err != nil || len(top.Keys) != 1 || top.Keys[0].Key != h.owner.Key || len(top.Damaged) != 1 || top.Damaged[0].Ref != apikey.LastUseRef(h.own.ID) {
			t.Errorf("%+v, %v", top, err)
		}
		_, _, err = rules.Usage(t.Context(), h.admin, h.own.ID, apikey.UsageQuery{})
		wantKind(t, err, apikey.Unavailable)
	}
}

// unreadUses is a store that cannot read the uses of one key.
type unreadUses struct {
	apikey.Store
	key   uuid.UUID
	cause error
}

func (s unreadUses) Uses(ctx context.Context, key uuid.UUID, from, to time.Time) ([]apikey.Uses, error) {
	if key == s.key {
		return nil, apikey.UnavailableError("read uses", s.cause)
	}
	return s.Store.Uses(ctx, key, from, to)
}

// The report names each permission of the key once: as used, with its requests of
// 90 days and the last day, or as unused. What the key used and has no longer is
// marked.
func TestPermissionUse(t *testing.T) {
	h := newHouse(t)
	now := h.clock.Now().Truncate(time.Millisecond)
	key := h.own.ID
	h.count(t, used(key, now, "ManageFiles", "", 2), used(key, now.Add(-80*apikey.Day), "ManageFiles", "", 3), used(key, now.Add(-95*apikey.Day), "ViewAuditEvents", "", 1),
		used(key, now, "Gone", "", 1), used(key, now, "", "", 9), used(key, now, "", "KEY_EXPIRED", 9), used(key, now, apikey.UnnamedUse, "", 4))
	report, err := h.PermissionUse(t.Context(), h.admin, key)
	if err != nil || report.Unnamed != 4 || len(report.Used) != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	today := now.UTC().Truncate(apikey.Day)
	_, held, err := h.Get(t.Context(), h.admin, key)
	if err != nil {
		t.Fatal(held, err)
	}
	granted := h.own.Permissions.Has("ManageFiles")
	want := []apikey.PermissionUse{{Name: "Gone", Requests: 1, LastDay: today}, {Name: "ManageFiles", Requests: 5, LastDay: today, Granted: granted}}
	if !reflect.DeepEqual(report.Used, want) || report.Unused.Has("ManageFiles") || !report.Unused.Has("ViewAuditEvents") {
		t.Errorf("%+v", report)
	}
}
