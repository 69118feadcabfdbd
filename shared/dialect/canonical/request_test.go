package canonical_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// A body's permissions become a set, whatever their order and repeats; an edit
// says of each field whether it is changed.
func TestRequestsInTheRulesTerms(t *testing.T) {
	draft := canonical.KeyBody{Name: "n", Description: "d", Permissions: []string{"B", "A", "B"}}.Draft()
	if draft.Name != "n" || draft.Description != "d" || !slices.Equal(draft.Permissions, []string{"A", "B"}) {
		t.Errorf("%+v", draft)
	}
	if edit := (canonical.KeyPatch{}).Edit(); edit != (apikey.Edit{}) {
		t.Errorf("%+v", edit)
	}
	name, permissions := "n", []string{"B", "A"}
	edit := canonical.KeyPatch{Name: &name, Permissions: &permissions}.Edit()
	if *edit.Name != "n" || edit.Description != nil || !slices.Equal(*edit.Permissions, []string{"A", "B"}) {
		t.Errorf("%+v", edit)
	}
}

// What a caller gets of a key it can send back: each member of the answer is
// writable or ignored in every request.
func TestAnswersCanBeSentBack(t *testing.T) {
	for _, request := range []reflect.Type{reflect.TypeFor[canonical.KeyBody](), reflect.TypeFor[canonical.KeyPatch]()} {
		accepted := map[string]bool{}
		for _, f := range wire.Fields(request) {
			accepted[f.Name] = true
			writable := slices.Contains([]string{"name", "description", "permissions"}, f.Name)
			if f.Ignored == writable {
				t.Errorf("%s: %s is ignored: %t", request, f.Name, f.Ignored)
			}
		}
		for _, f := range wire.Fields(reflect.TypeFor[canonical.APIKey]()) {
			if !accepted[f.Name] {
				t.Errorf("%s refuses %s", request, f.Name)
			}
		}
	}
}

// A set-up's event and result lose nothing on the way to the rules and back.
func TestSetup(t *testing.T) {
	setup := canonical.Setup{
		Organization: canonical.SetupOrganization{ID: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3},
		Permissions:  []canonical.Permission{{Name: "P", Description: "d"}},
		Services: []canonical.SetupService{{
			ID: "s", Name: "S", APIs: []canonical.SetupAPI{{Account: "1", ID: "2"}},
			Routes: []canonical.SetupRoute{{Method: "GET", Path: "/", Permissions: []string{"P"}}},
		}},
		AdminKey: "Root",
	}.Setup()
	want := apikey.Setup{
		Organization: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3, AdminKey: "Root",
		Permissions: []apikey.Permission{{Name: "P", Description: "d"}},
		Services: []apikey.Service{{
			ID: "s", Name: "S", APIs: []apikey.API{{Account: "1", ID: "2"}},
			Routes: []apikey.Route{{Method: "GET", Path: "/", Permissions: []string{"P"}}},
		}},
	}
	if !reflect.DeepEqual(setup, want) {
		t.Errorf("%+v", setup)
	}
	result := apikey.SetupResult{Organization: apikey.Organization{ID: "acme", Name: "Acme", KeyPrefix: "ac", MaxKeys: 3}, Pepper: 2}
	const exists = `{"organization":{"id":"acme","name":"Acme","keyPrefix":"ac","maxKeys":3},"pepperVersion":2,"adminKey":null,"note":"`
	if got := encode(t, canonical.FromSetup(result)); got != exists+canonical.AdminKeyExists+`"}` {
		t.Error(got)
	}
	result.Admin = &apikey.Minted{Key: sample(t)}
	if got := canonical.FromSetup(result); got.AdminKey == nil || got.AdminKey.Name != "New API key" || got.Note != "" {
		t.Errorf("%+v", got)
	}
}
