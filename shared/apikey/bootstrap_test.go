package apikey_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
)

func newKeys() *apikey.Rules {
	digester := &apikeytest.Peppers{}
	return &apikey.Rules{
		Store: apikeytest.NewStore(), Digester: digester, PepperMaker: digester,
		Now: apikeytest.NewClock().Now, Entropy: apikeytest.Entropy(2), NFC: norm.NFC.String,
	}
}

var setup = apikey.Setup{
	Organization: "demo", KeyPrefix: "kw", Name: "Demo", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
	Services: []apikey.SetupService{{ID: "files", ServiceDraft: filesServiceOf("demo", declared...)}},
}

// The first run creates everything, with the documents' defaults. The admin key
// acts as an OWNER and holds every permission.
func TestBootstrap(t *testing.T) {
	keys := newKeys()
	result, err := keys.Bootstrap(t.Context(), setup)
	if err != nil {
		t.Fatal(err)
	}
	org := result.Organization
	status, err := (apikeytest.Lookup{Reader: keys.Store}).Status(t.Context(), org.ID)
	if err != nil || result.Pepper != 1 || org.MaxKeys != 20 || org.KeyPrefix != "kw" || org.Owners != 1 || status.Representative != result.Owner.ID || result.Admin == nil {
		t.Fatalf("made %+v", result)
	}
	self, err := keys.WhoAmI(t.Context(), caller(result.Admin.Key))
	if err != nil || self.User.Role != apikey.RoleOwner || !self.Permissions.Has("ManageFiles") || !self.Permissions.Has(permission.AdministerAPIKeys) {
		t.Errorf("the admin key is %+v, %v", self, err)
	}
	service, err := (apikeytest.Lookup{Reader: keys.Store}).Service(t.Context(), setup.Services[0].APIs[0])
	if err != nil || service.Org != "demo" || len(service.Routes) != 1 {
		t.Errorf("service %+v, %v", service, err)
	}
}

// A second run changes and writes nothing, even if the organization is at its
// quota. With another name it creates another admin key.
func TestBootstrapAgain(t *testing.T) {
	keys := newKeys()
	records := func() int {
		all, err := keys.Store.AuditRecords(t.Context(), "demo", apikey.AuditFilter{}, apikey.Position{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(all.Records)
	}
	full := setup
	full.MaxKeys = 2
	first, err := keys.Bootstrap(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	made := records()
	again, err := keys.Bootstrap(t.Context(), full)
	if err != nil || again.Admin != nil || again.Pepper != 1 || again.Owner.ID != first.Owner.ID || records() != made {
		t.Fatalf("again: %+v, %v, %d records became %d", again, err, made, records())
	}
	full.AdminKey = "Second admin"
	if second, err := keys.Bootstrap(t.Context(), full); err != nil || second.Admin == nil {
		t.Fatalf("another name: %+v, %v", second, err)
	}
	if third, err := keys.Bootstrap(t.Context(), full); err != nil || third.Admin != nil {
		t.Errorf("at the quota: %+v, %v", third, err)
	}
}

// The operator recovers an organization that has all the keys it can have, and
// the audit record says that the key passed the quota.
func TestBootstrapPassesTheQuota(t *testing.T) {
	keys := newKeys()
	full := setup
	full.MaxKeys = 1
	if _, err := keys.Bootstrap(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	full.AdminKey = "Recovery"
	result, err := keys.Bootstrap(t.Context(), full)
	if err != nil || result.Admin == nil {
		t.Fatalf("%+v, %v", result, err)
	}
	audits, err := keys.Store.AuditRecords(t.Context(), "demo", apikey.AuditFilter{Action: apikey.ActionCreateKey}, apikey.Position{}, 10)
	if err != nil || len(audits.Records) != 2 {
		t.Fatalf("%d records, %v", len(audits.Records), err)
	}
	for _, record := range audits.Records {
		if passed := record.Target == result.Admin.Key.ID.String(); (record.After["beyondQuota"] == "true") != passed {
			t.Errorf("recorded is %v", record.After)
		}
	}
}

// Two concurrent runs create everything once.
func TestBootstrapTwiceAtOnce(t *testing.T) {
	keys := newKeys()
	results := make([]apikey.SetupResult, 8)
	var wait sync.WaitGroup
	for i := range results {
		wait.Go(func() {
			var err error
			if results[i], err = keys.Bootstrap(t.Context(), setup); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	admins := 0
	for _, r := range results {
		if r.Admin != nil {
			admins++
		}
	}
	peppers, _ := keys.Store.Peppers(t.Context())
	users, _ := keys.Store.Users(t.Context(), "demo", [16]byte{}, 100)
	if admins != 1 || len(peppers) != 1 || len(users.Records) != 1 {
		t.Errorf("%d admin keys, %d peppers, %d users", admins, len(peppers), len(users.Records))
	}
}

// A new organization must choose a prefix; without one, nothing is created. One
// that exists keeps its own.
func TestBootstrapAsksForAPrefix(t *testing.T) {
	keys := newKeys()
	without := setup
	without.KeyPrefix = ""
	_, err := keys.Bootstrap(t.Context(), without)
	wantKind(t, err, apikey.Invalid)
	if fields := fieldsOf(err); !slices.Equal(fields, []string{"organization.keyPrefix"}) {
		t.Errorf("fields %q", fields)
	}
	if peppers, err := keys.Store.Peppers(t.Context()); err != nil || len(peppers) != 0 {
		t.Errorf("%d peppers, %v", len(peppers), err)
	}
	chosen := setup
	chosen.KeyPrefix = "acme_live"
	if made, err := keys.Bootstrap(t.Context(), chosen); err != nil || made.Admin == nil || !strings.HasPrefix(made.Admin.Text.Reveal(), "acme_live_") {
		t.Errorf("%+v, %v", made, err)
	}
	if again, err := keys.Bootstrap(t.Context(), without); err != nil || again.Organization.KeyPrefix != "acme_live" {
		t.Errorf("%+v, %v", again.Organization, err)
	}
}

// A setup with faults creates nothing, and every fault is named.
func TestBootstrapRefuses(t *testing.T) {
	keys := newKeys()
	_, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: "Demo", KeyPrefix: "K", MaxKeys: -1, OwnerEmail: "nobody",
		Services: []apikey.SetupService{{ID: "x", ServiceDraft: apikey.ServiceDraft{Name: "X", Permissions: []apikey.Permission{{Name: "a b"}}}}},
	})
	wantKind(t, err, apikey.Invalid)
	var e *apikey.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, f := range e.Fields {
		named[f.Field] = true
	}
	for _, field := range []string{"organization.id", "organization.keyPrefix", "organization.maxKeys", "owner.email", "owner.name", "services[0].id", "services[0].permissions[0].name", "adminKey"} {
		if !named[field] {
			t.Errorf("%s is not named in %v", field, e.Fields)
		}
	}
	if peppers, _ := keys.Store.Peppers(t.Context()); len(peppers) != 0 {
		t.Error("a pepper was made")
	}
}

// No organization can have the one name below the domain that is reserved.
func TestBootstrapRefusesTheReservedName(t *testing.T) {
	taken := setup
	taken.Organization = apikey.RegionsLabel
	_, err := newKeys().Bootstrap(t.Context(), taken)
	wantKind(t, err, apikey.Invalid)
	if e, ok := errors.AsType[*apikey.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Field != "organization.id" {
		t.Errorf("refused for %v", err)
	}
}

// Bootstrap cannot take over an API of another organization's service.
func TestBootstrapTakesNothingOver(t *testing.T) {
	keys := newKeys()
	if _, err := keys.Bootstrap(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	evil := setup
	evil.Organization = "evil"
	_, err := keys.Bootstrap(t.Context(), evil)
	wantKind(t, err, apikey.NameTaken)
	if service, err := (apikeytest.Lookup{Reader: keys.Store}).Service(t.Context(), setup.Services[0].APIs[0]); err != nil || service.Org != "demo" {
		t.Errorf("the API is now of %q, %v", service.Org, err)
	}
}

// A run that dies at any step is completed by the next one.
func TestBootstrapAfterACrash(t *testing.T) {
	for step := range 5 {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			keys := newKeys()
			store := &hookedStore{Store: keys.Store.(*apikeytest.Store)}
			store.left.Store(int64(step))
			keys.Store = store
			if _, err := keys.Bootstrap(t.Context(), setup); err == nil {
				t.Fatal("it did not die")
			}
			store.left.Store(-1)
			if result, err := keys.Bootstrap(t.Context(), setup); err != nil || result.Admin == nil {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

// Organization ids can be part of a host name.
func TestOrgID(t *testing.T) {
	for id, good := range map[apikey.OrgID]bool{
		"demo": true, "a1": true, "a-b": true, "": false, "a": false, "1a": false, "-a": false, "a-": false,
		"Demo": false, "a_b": false, "a.b": false, "abcdefghijabcdefghijabcdefghijabcdefghija": false,
	} {
		if id.Valid() != good {
			t.Errorf("%q", id)
		}
	}
}

// A recovery either gives an OWNER a key or says what to do: nobody can stand in
// its way with the owner's address or the key's name and have it look done.
func TestBootstrapIsNotMisled(t *testing.T) {
	h := newHouse(t)
	h.roomy(t)
	recover := func(email, name string) (apikey.SetupResult, error) {
		return h.Bootstrap(t.Context(), apikey.Setup{Organization: "demo", OwnerEmail: email, OwnerName: "Owner", AdminKey: name})
	}
	if _, err := h.Create(t.Context(), apikey.Caller{Org: "demo", User: h.user(t, member("u")).ID}, personal("Recovery")); err != nil {
		t.Fatal(err)
	}
	_, err := recover("owner@example.com", "Recovery")
	wantKind(t, err, apikey.NameTaken)
	_, err = recover("owner@example.com", "Service admin")
	wantKind(t, err, apikey.NameTaken)
	_, err = recover("u@example.com", "Recovery 2")
	wantFields(t, err, "owner.email")
	if result, err := recover("owner@example.com", "Admin"); err != nil || result.Admin != nil {
		t.Errorf("the key that exists: %+v, %v", result.Admin, err)
	}
	if result, err := recover("owner@example.com", "Recovery 2"); err != nil || result.Admin == nil {
		t.Errorf("another name: %+v, %v", result.Admin, err)
	}
}
