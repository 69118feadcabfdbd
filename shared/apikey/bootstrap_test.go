package apikey_test

import (
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

func newKeys() *apikey.Keys {
	digester := &apikeytest.Peppers{}
	return &apikey.Keys{
		Store: apikeytest.NewStore(), Digester: digester, PepperMaker: digester,
		Now: apikeytest.NewClock().Now, Entropy: apikeytest.Entropy(2),
	}
}

var setup = apikey.Setup{
	Organization: "demo", Name: "Demo", Permissions: declared, AdminKey: "Admin",
	Services: []apikey.Service{{ID: "files", APIs: []apikey.API{{Account: "123456789012", ID: "abc"}}, Routes: []apikey.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}}}},
}

// The first run makes everything, with the defaults of the documents; the admin
// key holds every permission.
func TestBootstrap(t *testing.T) {
	keys := newKeys()
	result, err := keys.Bootstrap(t.Context(), setup)
	if err != nil {
		t.Fatal(err)
	}
	if result.Pepper != 1 || result.Organization.MaxKeys != 20 || result.Organization.KeyPrefix != "kw" || result.Admin == nil {
		t.Fatalf("made %+v", result)
	}
	if got := result.Admin.Key.Permissions; len(got) != 5 || !got.Has("AdministerApiKeys") || !got.Has("ManageFiles") {
		t.Errorf("the admin key holds %v", got)
	}
	service, err := keys.Store.Service(t.Context(), setup.Services[0].APIs[0])
	if err != nil || service.Org != "demo" || len(service.Routes) != 1 {
		t.Errorf("service %+v, %v", service, err)
	}
}

// Running again changes nothing and writes nothing; with more permissions it
// adds those, and with another name it makes another admin key.
func TestBootstrapAgain(t *testing.T) {
	keys := newKeys()
	store := keys.Store.(*apikeytest.Store)
	if _, err := keys.Bootstrap(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	first, _ := store.AuditRecords(t.Context(), "demo")
	again, err := keys.Bootstrap(t.Context(), setup)
	if err != nil || again.Admin != nil || again.Pepper != 1 {
		t.Fatalf("again: %+v, %v", again, err)
	}
	if second, _ := store.AuditRecords(t.Context(), "demo"); len(second) != len(first) {
		t.Errorf("%d records became %d", len(first), len(second))
	}
	more := setup
	more.Permissions = []apikey.Permission{{Name: "ViewTables"}, {Name: "New"}}
	more.AdminKey = "Second admin"
	third, err := keys.Bootstrap(t.Context(), more)
	if err != nil || third.Admin == nil || len(third.Organization.Catalogue()) != 6 || !third.Admin.Key.Permissions.Has("New") {
		t.Errorf("with more: %+v, %v", third, err)
	}
}

// Two runs at once make one of everything.
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
	if admins != 1 || len(peppers) != 1 {
		t.Errorf("%d admin keys, %d peppers", admins, len(peppers))
	}
}

// A setup with faults makes nothing, and names each.
func TestBootstrapRefuses(t *testing.T) {
	keys := newKeys()
	_, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: "Demo", KeyPrefix: "K", MaxKeys: -1,
		Permissions: []apikey.Permission{{Name: "a b"}}, Services: []apikey.Service{{ID: "x"}},
	})
	wantKind(t, err, apikey.Invalid)
	if e, ok := err.(*apikey.Error); !ok || len(e.Fields) != 6 { //nolint:errorlint // the very error, not one that wraps it
		t.Errorf("faults: %+v", err)
	}
	if peppers, _ := keys.Store.Peppers(t.Context()); len(peppers) != 0 {
		t.Error("a pepper was made")
	}
}

// Organization ids can stand in a host name.
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
