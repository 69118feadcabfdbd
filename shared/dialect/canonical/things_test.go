package canonical_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	made  = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	maker = apikey.Actor{Username: "ann@example.com", UserID: userID}
)

const makerJSON = `"createdBy":{"username":"ann@example.com","userId":"22222222-2222-4333-8444-555555555555"},` +
	`"lastModifiedBy":{},"createdOn":"2026-01-02T03:04:05.678Z"}`

// A service survives the conversion to the rules and back.
func TestService(t *testing.T) {
	parts := canonical.ServiceParts{
		Name: "Files", Permissions: []canonical.Permission{{Name: "P", Description: "d"}},
		APIs:   []canonical.API{{Account: "1", Region: "r", ID: "2", Stage: "s"}},
		Routes: []canonical.Route{{Method: "GET", Path: "/", Permissions: []string{"P"}}, {Method: "PUT", Path: "/", Permissions: []string{}}},
	}
	draft := parts.Draft()
	want := apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "P", Description: "d"}},
		APIs:      []routing.API{{Account: "1", Region: "r", ID: "2", Stage: "s"}},
		Routes:    []routing.Route{{Method: "GET", Path: "/", Permissions: []string{"P"}}, {Method: "PUT", Path: "/", Permissions: []string{}}},
		KeepCache: true,
	}
	if !reflect.DeepEqual(draft, want) {
		t.Errorf("%+v", draft)
	}
	form := canonical.FromService(apikey.Service{
		ID: "files", Name: draft.Name, Permissions: draft.Permissions, APIs: draft.APIs, Routes: draft.Routes, CreatedBy: maker, CreatedOn: made,
	})
	got := canonical.ServiceParts{Name: form.Name, Permissions: form.Permissions, APIs: form.APIs, Routes: form.Routes}
	if !reflect.DeepEqual(got, parts) || form.ID != "files" || form.CreatedBy.UserID != userID || form.CreatedOn != "2026-01-02T03:04:05.678Z" {
		t.Errorf("%+v", form)
	}
}

// Policies, users, organizations and audit events have the documented form.
func TestForms(t *testing.T) {
	policy := apikey.Policy{ID: id(t, policyID), Name: "Readers", Permissions: permission.NewSet("P"), KeyCount: 2, CreatedBy: maker, CreatedOn: made}
	user := apikey.User{ID: id(t, userID), Email: "u@example.com", Name: "U", Role: apikey.RoleMember, Policy: policy.ID, KeyCount: 1, CreatedBy: maker, CreatedOn: made}
	org := apikey.Organization{ID: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3, KeyCount: 1, Recoverable: true, MaxKeyLifetime: time.Hour}
	record := apikey.AuditRecord{
		ID: id(t, policyID), At: made, Action: apikey.ActionUpdateKey, Actor: maker, Key: id(t, userID), Target: "t",
		Source: netip.MustParseAddr("192.0.2.1"), UserAgent: "curl", RequestID: "r",
		Before: map[string]string{"name": "a"}, After: map[string]string{"name": "b"},
	}
	for got, want := range map[string]string{
		encode(t, canonical.FromPolicy(policy)): `{"id":"11111111-2222-4333-8444-555555555555","name":"Readers","description":"","permissions":["P"],"keyCount":2,` + makerJSON,
		encode(t, canonical.FromUser(user, apikey.Names{})): `{"id":"22222222-2222-4333-8444-555555555555","email":"u@example.com","name":"U","role":"MEMBER",` +
			`"permissions":[],"policyId":"11111111-2222-4333-8444-555555555555","keyCount":1,` + makerJSON,
		encode(t, canonical.FromOrganization(org)): `{"id":"acme","name":"Acme","keyPrefix":"ac","maxKeys":3,"keyCount":1,"recoverable":true,"maxKeyLifetimeSeconds":3600,"selfService":true,` +
			`"retentionSeconds":0,"onExposure":"disable","staleAfterDays":0}`,
		encode(t, canonical.FromAudits(apikey.Listed[apikey.AuditRecord, apikey.Position]{Records: []apikey.AuditRecord{record, {Actor: apikey.Actor{Username: "bootstrap"}}}})): `{"items":[` +
			`{"id":"11111111-2222-4333-8444-555555555555","at":"2026-01-02T03:04:05.678Z","action":"apikey.update",` +
			`"actor":{"username":"ann@example.com","userId":"22222222-2222-4333-8444-555555555555"},"keyId":"22222222-2222-4333-8444-555555555555",` +
			`"target":"t","source":"192.0.2.1","userAgent":"curl","requestId":"r","before":{"name":"a"},"after":{"name":"b"}},` +
			`{"id":"","at":"","action":"","actor":{"username":"bootstrap","userId":""},"target":""}]}`,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// The caller is its key with its current permissions in place of the key's own;
// without a key, only the user.
func TestSelf(t *testing.T) {
	user := &apikey.User{ID: id(t, userID), Email: "u@example.com", Name: "U", Role: apikey.RoleMember}
	const self = `"permissions":["P"],"orgId":"demo","user":{"id":"22222222-2222-4333-8444-555555555555","email":"u@example.com","name":"U","role":"MEMBER"}}`
	alone := apikey.Self{Organization: "demo", User: user, Permissions: permission.NewSet("P")}
	if got := encode(t, canonical.FromSelf(alone)); got != "{"+self {
		t.Error(got)
	}
	key := sample(t)
	key.Type, key.OnBehalfOf, key.Narrowed = apikey.TypePersonal, user.ID, true
	alone.Key = &key
	form := canonical.FromSelf(alone)
	if form.ID != key.ID.String() || form.OnBehalfOfEmail != user.Email || len(form.Permissions) != 1 {
		t.Errorf("%+v", form)
	}
	if got := encode(t, form); got[len(got)-len(self):] != self {
		t.Error(got)
	}
}

// Written users and policies reach the rules.
func TestDrafts(t *testing.T) {
	policy := canonical.PolicyBody{Name: "n", Description: "d", Permissions: []string{"B", "A", "B"}}.Draft()
	if want := (apikey.PolicyDraft{Name: "n", Description: "d", Permissions: permission.Set{"A", "B"}}); !reflect.DeepEqual(policy, want) {
		t.Errorf("%+v", policy)
	}
	user := canonical.UserBody{Email: "e", Name: "n", Role: "OWNER", Permissions: []string{"A"}, PolicyID: reference(t, policyID)}.Draft()
	want := apikey.UserDraft{Email: "e", Name: "n", Role: apikey.RoleOwner, Permissions: permission.Set{"A"}, Policy: id(t, policyID)}
	if !reflect.DeepEqual(user, want) {
		t.Errorf("%+v", user)
	}
}

// A replacement of settings sets every required one, and others only if it names
// them; a patch sets those that it names. Null, which arrives as the zero value,
// clears.
func TestEdits(t *testing.T) {
	for _, test := range []struct{ got, want any }{
		{
			canonical.SettingsBody{Name: "n", KeyPrefix: "kw", MaxKeys: 3, Lifetime: ptr(60)}.Edit(),
			apikey.SettingsEdit{Name: ptr("n"), KeyPrefix: ptr("kw"), MaxKeys: ptr(3), MaxKeyLifetime: ptr(time.Minute)},
		},
		{canonical.SettingsPatch{}.Edit(), apikey.SettingsEdit{}},
		{canonical.SettingsPatch{Recoverable: ptr(false), Lifetime: ptr(0)}.Edit(), apikey.SettingsEdit{Recoverable: ptr(false), MaxKeyLifetime: ptr(time.Duration(0))}},
		{canonical.PolicyPatch{}.Edit(), apikey.PolicyEdit{}},
		{canonical.PolicyPatch{Description: ptr(""), Permissions: &[]string{"B", "A"}}.Edit(), apikey.PolicyEdit{Description: ptr(""), Permissions: &permission.Set{"A", "B"}}},
		{canonical.UserPatch{}.Edit(), apikey.UserEdit{}},
		{canonical.UserPatch{Role: ptr("ADMIN"), PolicyID: new(canonical.Reference)}.Edit(), apikey.UserEdit{Role: ptr(apikey.RoleAdmin), Policy: new(uuid.UUID)}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%+v, want %+v", test.got, test.want)
		}
	}
}

// A setup's event and result survive the conversion to the rules and back.
func TestSetup(t *testing.T) {
	setup := canonical.Setup{
		Organization: canonical.SetupOrganization{ID: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3, Recoverable: true},
		Owner:        canonical.SetupOwner{Email: "ann@example.com", Name: "Ann"},
		Services:     []canonical.SetupService{{ID: "s", ServiceParts: canonical.ServiceParts{Name: "S", APIs: []canonical.API{{Account: "1", ID: "2"}}}}},
		AdminKey:     "Root",
	}.Setup()
	want := apikey.Setup{
		Organization: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3, Recoverable: true, AdminKey: "Root",
		OwnerEmail: "ann@example.com", OwnerName: "Ann",
		Services: []apikey.SetupService{{ID: "s", ServiceDraft: apikey.ServiceDraft{Name: "S", APIs: []routing.API{{Account: "1", ID: "2"}}, KeepCache: true}}},
	}
	if !reflect.DeepEqual(setup, want) {
		t.Errorf("%+v", setup)
	}
	result := apikey.SetupResult{
		Organization: apikey.Organization{ID: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3, Recoverable: true},
		Owner:        apikey.User{Email: "ann@example.com", Name: "Ann"}, Pepper: 2,
	}
	const exists = `{"organization":{"id":"acme","name":"Acme","keyPrefix":"ac","maxKeys":3,"recoverable":true},` +
		`"owner":{"email":"ann@example.com","name":"Ann"},"pepperVersion":2,"adminKey":null,"note":"`
	if got := encode(t, canonical.FromSetup(result)); got != exists+canonical.AdminKeyExists+`"}` {
		t.Error(got)
	}
	result.Admin = &apikey.Minted{Key: sample(t)}
	if got := canonical.FromSetup(result); got.AdminKey == nil || got.AdminKey.Name != "New API key" || got.Note != "" {
		t.Errorf("%+v", got)
	}
}
