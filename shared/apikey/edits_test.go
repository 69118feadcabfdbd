package apikey_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// changed fails the test unless what a change returned is a new version of the
// record, and the audit log tells a difference.
func (h *house) changed(t *testing.T, member string, version, before int64, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", member, err)
	}
	if version != before+1 {
		t.Errorf("%s: a change of it alone gives version %d after %d", member, version, before)
	}
	if r := h.last(t); len(r.Before)+len(r.After)+len(r.Removed)+len(r.Added) == 0 {
		t.Errorf("%s: the audit log tells nothing of %s", member, r.Action)
	}
}

// eachAlone runs a test for every member of E, with an edit that names that one
// alone. Members that only say how to read others are passed over.
func eachAlone[E any](t *testing.T, edits func(h *house) map[string]E, test func(t *testing.T, h *house, member string, edit E), besides ...string) {
	t.Helper()
	for field := range reflect.TypeFor[E]().Fields() {
		if slices.Contains(besides, field.Name) {
			continue
		}
		h := newHouse(t)
		edit, ok := edits(h)[field.Name]
		if named := reflect.ValueOf(edit).FieldByIndex(field.Index); !ok || named.IsZero() {
			t.Errorf("no edit here changes %T.%s: add one", edit, field.Name)
			continue
		}
		test(t, h, field.Name, edit)
	}
}

// Each member that a caller can change of a key changes it by itself: none is
// forgotten on the way from the edit to the record.
func TestEveryMemberOfAKeyChanges(t *testing.T) {
	eachAlone(t, func(h *house) map[string]apikey.Edit {
		return map[string]apikey.Edit{
			"Name": {Name: new("another")}, "Description": {Description: new("another")},
			"Permissions": {Permissions: &permission.Set{"ViewTables"}}, "Narrowed": {Narrowed: new(true)},
			"Policy": {Policy: new(h.policy(t, "policy", "ViewTables").ID)}, "OnBehalfOf": {OnBehalfOf: new(h.user(t, member("other")).ID)},
			"Services": {Services: &[]string{"files"}}, "Disabled": {Disabled: new(true)},
			"NotBefore": {NotBefore: new(h.clock.Now().Add(time.Hour))}, "ExpiresOn": {ExpiresOn: new(h.clock.Now().Add(time.Hour))},
			"AllowIPs": {AllowIPs: &[]string{"192.0.2.1"}},
		}
	}, func(t *testing.T, h *house, member string, edit apikey.Edit) {
		draft := apikey.Draft{Name: "key", Permissions: permission.Set{"ManageFiles"}}
		if member == "Narrowed" || member == "OnBehalfOf" {
			draft = apikey.Draft{Name: "key", Type: apikey.TypePersonal, OnBehalfOf: h.person.ID}
		}
		minted, err := h.Create(t.Context(), h.owner, draft)
		if err != nil {
			t.Fatal(err)
		}
		after, _, err := h.Patch(t.Context(), h.owner, minted.Key.ID, 0, edit)
		h.changed(t, "Key."+member, after.Version, minted.Key.Version, err)
	}, "Type", "IPv4Only", "AnyAddress", "DeclaredOnly")
}

// The same holds for a policy.
func TestEveryMemberOfAPolicyChanges(t *testing.T) {
	eachAlone(t, func(*house) map[string]apikey.PolicyEdit {
		return map[string]apikey.PolicyEdit{
			"Name": {Name: new("another")}, "Description": {Description: new("another")},
			"Permissions": {Permissions: &permission.Set{"ManageFiles"}},
		}
	}, func(t *testing.T, h *house, member string, edit apikey.PolicyEdit) {
		before := h.policy(t, "policy", "ViewTables")
		after, err := h.PatchPolicy(t.Context(), h.owner, before.ID, 0, edit)
		h.changed(t, "Policy."+member, after.Version, before.Version, err)
	})
}

// The same holds for a user.
func TestEveryMemberOfAUserChanges(t *testing.T) {
	eachAlone(t, func(h *house) map[string]apikey.UserEdit {
		return map[string]apikey.UserEdit{
			"Email": {Email: new("another@example.com")}, "Name": {Name: new("another")}, "Role": {Role: new(apikey.RoleManager)},
			"Permissions": {Permissions: &permission.Set{"ViewTables"}}, "Policy": {Policy: new(h.policy(t, "policy", "ViewTables").ID)},
		}
	}, func(t *testing.T, h *house, name string, edit apikey.UserEdit) {
		before := h.user(t, member("user"))
		after, err := h.PatchUser(t.Context(), h.owner, before.ID, 0, edit)
		h.changed(t, "User."+name, after.Version, before.Version, err)
	})
}

// The same holds for the organization.
func TestEverySettingChanges(t *testing.T) {
	eachAlone(t, func(*house) map[string]apikey.SettingsEdit {
		return map[string]apikey.SettingsEdit{
			"Name": {Name: new("another")}, "KeyPrefix": {KeyPrefix: new("other")}, "MaxKeys": {MaxKeys: new(7)},
			"Recoverable": {Recoverable: new(false)}, "NoSelfService": {NoSelfService: new(true)}, "MaxKeyLifetime": {MaxKeyLifetime: new(time.Hour)},
			"Retention": {Retention: new(time.Hour)}, "OnExposure": {OnExposure: new(apikey.ReportExposed)}, "StaleAfterDays": {StaleAfterDays: new(7)},
		}
	}, func(t *testing.T, h *house, member string, edit apikey.SettingsEdit) {
		before, err := h.GetOrganization(t.Context(), h.owner)
		if err != nil {
			t.Fatal(err)
		}
		after, err := h.ChangeSettings(t.Context(), h.owner, 0, edit)
		h.changed(t, "Organization."+member, after.Version, before.Version, err)
	})
}

// The same holds for a service, whose drafts replace all of it.
func TestEveryMemberOfAServiceChanges(t *testing.T) {
	eachAlone(t, func(*house) map[string]apikey.ServiceDraft {
		return map[string]apikey.ServiceDraft{
			"Name": {Name: "another"}, "Permissions": {Permissions: append(slices.Clone(declared), apikey.Permission{Name: "More"})},
			"APIs":     {APIs: []routing.API{{Account: "123456789012", ID: "another"}}},
			"Routes":   {Routes: []routing.Route{{Method: "GET", Path: "/another"}}},
			"Unlisted": {Unlisted: routing.AuthenticateUnlisted}, "Cache": {Cache: routing.GatewayCache{Seconds: 60}},
		}
	}, func(t *testing.T, h *house, member string, edit apikey.ServiceDraft) {
		before, err := h.GetService(t.Context(), h.owner, "files")
		if err != nil {
			t.Fatal(err)
		}
		draft := filesServiceOf("demo", declared...)
		value := reflect.ValueOf(edit).FieldByName(member)
		reflect.ValueOf(&draft).Elem().FieldByName(member).Set(value)
		after, _, err := h.PutService(t.Context(), h.owner, "files", 0, draft, false)
		h.changed(t, "Service."+member, after.Version, before.Version, err)
	}, "KeepCache")
}
