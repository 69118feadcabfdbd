package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/uuid"
)

// suspension returns a suspension of the demo organization.
func suspension(suspended bool) apikey.Suspension {
	return apikey.Suspension{Organization: "demo", Suspended: suspended, Reason: "Keys were found in a public place"}
}

func (h *house) suspend(t *testing.T, suspended bool) {
	t.Helper()
	if after, err := h.Suspend(t.Context(), suspension(suspended)); err != nil || after.Suspended != suspended {
		t.Fatalf("%+v, %v", after, err)
	}
}

// While an organization is suspended, every request of its keys and users is
// refused as if there were no key, and nothing is written. Afterwards
// everything is as before. Other organizations are not affected.
func TestSuspended(t *testing.T) {
	h := newHouse(t)
	other := caller(h.setup(t, "other").Admin.Key)
	token := apikey.Caller{Org: "demo", User: h.person.ID}
	h.suspend(t, true)
	before := len(apikeytest.AuditLog(t, h.store, "demo"))
	for name, by := range map[string]apikey.Caller{"service key": h.admin, "personal key": h.owner, "access token": token} {
		_, whoami := h.WhoAmI(t.Context(), by)
		_, create := h.Create(t.Context(), by, draft("new"))
		_, list := h.List(t.Context(), by, apikey.KeyFilter{}, apikey.Position{}, 10)
		_, settings := h.ChangeSettings(t.Context(), by, 0, changing(apikey.Settings{Name: "Demo", KeyPrefix: "kw", MaxKeys: 9}))
		for what, err := range map[string]error{"whoami": whoami, "create": create, "list": list, "settings": settings} {
			if wantKind(t, err, apikey.Unauthenticated); !errors.Is(err, apikey.ErrSuspended) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
	if after := len(apikeytest.AuditLog(t, h.store, "demo")); after != before {
		t.Errorf("%d changes were recorded", after-before)
	}
	if _, err := h.WhoAmI(t.Context(), other); err != nil {
		t.Errorf("another organization: %v", err)
	}
	h.suspend(t, false)
	for _, by := range []apikey.Caller{h.admin, h.owner, token} {
		if self, err := h.WhoAmI(t.Context(), by); err != nil || !self.Permissions.Has("ManageFiles") {
			t.Errorf("afterwards: %+v, %v", self, err)
		}
	}
}

// Each suspension or resumption writes one audit record with the reason and the
// actor. One that changes nothing writes none.
func TestSuspensionIsRecorded(t *testing.T) {
	h := newHouse(t)
	before := len(apikeytest.AuditLog(t, h.store, "demo"))
	for _, suspended := range []bool{false, true, true, false, false} {
		h.clock.Advance(time.Second)
		h.suspend(t, suspended)
	}
	records := apikeytest.AuditLog(t, h.store, "demo")[before:]
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	for i, action := range []apikey.Action{apikey.ActionSuspendOrganization, apikey.ActionResumeOrganization} {
		r := records[i]
		if r.Action != action || r.Actor.Username != "suspend-organization" || r.Target != "demo" || r.Key != (uuid.UUID{}) ||
			r.After["reason"] != suspension(true).Reason || (r.After["suspended"] == "true") != (i == 0) || (r.Before["suspended"] == "true") != (i == 1) {
			t.Errorf("record %+v", r)
		}
	}
}

// A change that was decided before the suspension and writes the organization's
// record does not undo it.
func TestSuspensionIsNotOverwritten(t *testing.T) {
	h := newHouse(t)
	h.store.before = func() { h.suspend(t, true) }
	_, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(apikey.Settings{Name: "Renamed", KeyPrefix: "kw", MaxKeys: 9}))
	wantKind(t, err, apikey.Unauthenticated)
	org, err := h.store.Organization(t.Context(), "demo")
	if err != nil || org.Name == "Renamed" {
		t.Errorf("%+v, %v", org, err)
	}
	h.setup(t, "demo")
	if status, err := h.store.Status(t.Context(), "demo"); err != nil || !status.Suspended {
		t.Error("bootstrap ended the suspension")
	}
}

// All faults of a suspension are reported at once, and nothing is changed.
func TestSuspensionRefuses(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		suspension apikey.Suspension
		kind       apikey.Kind
		fields     string
	}{
		"nothing":       {apikey.Suspension{}, apikey.Invalid, "reason organization"},
		"no reason":     {apikey.Suspension{Organization: "demo", Suspended: true}, apikey.Invalid, "reason"},
		"a long reason": {apikey.Suspension{Organization: "demo", Reason: strings.Repeat("r", apikey.MaxNameBytes+1)}, apikey.Invalid, "reason"},
		"no such":       {apikey.Suspension{Organization: "nobody", Suspended: true, Reason: "r"}, apikey.NotFound, ""},
	} {
		_, err := h.Suspend(t.Context(), c.suspension)
		var e *apikey.Error
		if !errors.As(err, &e) || e.Kind != c.kind {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s: faults of %q, want %q", name, got, c.fields)
		}
	}
	h.store.Break(errors.New("connection refused"))
	_, err := h.Suspend(t.Context(), suspension(true))
	wantKind(t, err, apikey.Unavailable)
}
