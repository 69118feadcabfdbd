package canonical_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	policyID = "11111111-2222-4333-8444-555555555555"
	userID   = "22222222-2222-4333-8444-555555555555"
)

func reference(t *testing.T, text string) *canonical.Reference {
	t.Helper()
	r := canonical.Reference(id(t, text))
	return &r
}

func moment(t *testing.T, text string) *canonical.Moment {
	t.Helper()
	m := new(canonical.Moment)
	if err := m.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return m
}

// Every member of a body reaches the rules: permissions as a set, in any order
// and with repetitions, and absent members with their default.
func TestKeyBodyInTheRulesTerms(t *testing.T) {
	permissions, off := []string{"B", "A", "B"}, false
	got := canonical.KeyBody{
		Name: "n", Description: "d", Type: "shared", Permissions: &permissions, OnBehalfOf: reference(t, userID),
		Services: []string{"files"}, Enabled: &off, NotBefore: moment(t, "2030-01-02T03:04:05+02:00"), ExpiresOn: moment(t, "2031-01-02T03:04:05Z"),
		AllowIPs: []string{"192.0.2.1"}, Recoverable: true,
	}.Draft()
	want := apikey.Draft{
		Name: "n", Description: "d", Type: apikey.TypeShared, Permissions: permission.Set{"A", "B"}, Narrowed: true, OnBehalfOf: id(t, userID),
		Services: []string{"files"}, Disabled: true, NotBefore: time.Date(2030, 1, 2, 1, 4, 5, 0, time.UTC), ExpiresOn: time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC),
		AllowIPs: []string{"192.0.2.1"}, Recoverable: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	got, want = canonical.KeyBody{Name: "n", PolicyID: reference(t, policyID)}.Draft(), apikey.Draft{Name: "n", Policy: id(t, policyID)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func ptr[T any](value T) *T { return &value }

// limits returns limits of which some are set and some removed.
func limits(t *testing.T) canonical.Limits {
	t.Helper()
	return canonical.Limits{
		Enabled: ptr(ptr(true)), OnBehalfOf: reference(t, userID),
		Services: new([]string), NotBefore: new(canonical.Moment), ExpiresOn: moment(t, "2031-01-02T03:04:05Z"), AllowIPs: new([]string),
	}
}

// A patch says for each field whether it changes, and distinguishes null from an
// empty list where that matters.
func TestKeyPatchInTheRulesTerms(t *testing.T) {
	if edit := (canonical.KeyPatch{}).Edit(); !reflect.DeepEqual(edit, apikey.Edit{}) {
		t.Errorf("%+v", edit)
	}
	name, permissions := "n", []string{"B", "A"}
	got := canonical.KeyPatch{
		Name: &name, Permissions: &permissions, PolicyID: new(canonical.Reference), Limits: limits(t),
	}.Edit()
	user, set, yes, no := id(t, userID), permission.Set{"A", "B"}, true, false
	expires := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	want := apikey.Edit{
		Name: &name, Permissions: &set, Narrowed: &yes, Disabled: &no, Policy: new(uuid.UUID), OnBehalfOf: &user,
		Services: new([]string), NotBefore: new(time.Time), ExpiresOn: &expires, AllowIPs: new([]string),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	cleared := canonical.KeyPatch{Permissions: new([]string)}.Edit()
	if *cleared.Narrowed || len(*cleared.Permissions) != 0 {
		t.Errorf("null permissions: %+v", cleared)
	}
	if emptied := (canonical.KeyPatch{Permissions: &[]string{}}).Edit(); !*emptied.Narrowed {
		t.Errorf("empty permissions: %+v", emptied)
	}
}

// A replacement always sets a key's name, description and grants, and other
// fields only if it names them.
func TestKeyPutBodyInTheRulesTerms(t *testing.T) {
	permissions, off := []string{"B", "A"}, new(bool)
	empty, named, set, yes, no := "", "n", permission.Set{"A", "B"}, true, false
	got := canonical.KeyPutBody{Name: "n", Type: "shared", Permissions: &permissions}.Edit()
	want := apikey.Edit{Type: apikey.TypeShared, Name: &named, Description: &empty, Permissions: &set, Narrowed: &yes, Policy: new(uuid.UUID)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	policy := id(t, policyID)
	got = canonical.KeyPutBody{Name: "n", PolicyID: reference(t, policyID), Limits: canonical.Limits{Enabled: &off}}.Edit()
	want = apikey.Edit{Name: &named, Description: &empty, Policy: &policy, Disabled: &yes}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	got = canonical.KeyPutBody{Name: "n", Type: "personal", Permissions: new([]string), Limits: canonical.Limits{Enabled: new(*bool)}}.Edit()
	if *got.Narrowed || len(*got.Permissions) > 0 || *got.Disabled != no || got.Policy != nil {
		t.Errorf("null: %+v", got)
	}
}

// A key has a policy or permissions. Having both is a fault of both; having
// neither is a fault of permissions, except for a personal key. A patch may
// clear one to set the other.
func TestGrants(t *testing.T) {
	some, policy := &[]string{}, reference(t, policyID)
	for _, test := range []struct {
		body interface{ Check() []apikey.FieldError }
		want string
	}{
		{canonical.KeyBody{Permissions: some}, ""},
		{canonical.KeyBody{PolicyID: policy}, ""},
		{canonical.KeyBody{Type: "personal"}, ""},
		{canonical.KeyBody{}, "permissions REQUIRED "},
		{canonical.KeyBody{Type: "shared"}, "permissions REQUIRED "},
		{canonical.KeyBody{Permissions: some, PolicyID: policy}, "policyId CONFLICT permissions CONFLICT "},
		{canonical.KeyPutBody{Permissions: some}, ""},
		{canonical.KeyPutBody{PolicyID: policy, Permissions: new([]string)}, ""},
		{canonical.KeyPutBody{PolicyID: new(canonical.Reference), Permissions: some}, ""},
		{canonical.KeyPutBody{Type: "personal"}, ""},
		{canonical.KeyPutBody{PolicyID: new(canonical.Reference), Permissions: new([]string)}, "permissions REQUIRED "},
		{canonical.KeyPutBody{Permissions: some, PolicyID: policy}, "policyId CONFLICT permissions CONFLICT "},
		{canonical.KeyPatch{}, ""},
		{canonical.KeyPatch{Permissions: new([]string), PolicyID: policy}, ""},
		{canonical.KeyPatch{Permissions: some, PolicyID: new(canonical.Reference)}, ""},
		{canonical.KeyPatch{Permissions: some, PolicyID: policy}, "policyId CONFLICT permissions CONFLICT "},
		{canonical.SettingsBody{}, ""},
		{canonical.SettingsBody{Lifetime: ptr(1)}, ""},
		{canonical.SettingsBody{Lifetime: ptr(-1)}, "maxKeyLifetimeSeconds INVALID_VALUE "},
		{canonical.SettingsPatch{Lifetime: ptr(1 << 62)}, "maxKeyLifetimeSeconds INVALID_VALUE "},
	} {
		got := ""
		for _, fault := range test.body.Check() {
			got += fmt.Sprintf("%s %s ", fault.Field, fault.Code)
		}
		if got != test.want {
			t.Errorf("%+v has the faults %q, want %q", test.body, got, test.want)
		}
	}
}

// A time must be as in RFC 3339, and an id in its only form; neither may be
// empty.
func TestValues(t *testing.T) {
	for _, text := range []string{
		"", "2030-01-02", "2030-01-02T03:04:05", "2030-01-02T03:04:05.Z", "2030-01-02t03:04:05z", "2030-01-02 03:04:05Z", "2030-1-2T3:4:5Z",
		"2030-02-30T03:04:05Z", "2030-01-02T24:04:05Z", "2030-01-02T03:04:05+25:00", "2030-01-02T03:04:05,5Z", "0001-01-01T00:00:00Z", "1893553445",
	} {
		if err := new(canonical.Moment).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a time", text)
		}
	}
	for _, text := range []string{"", "x", policyID + " ", "11111111-2222-1333-8444-555555555555"} {
		if err := new(canonical.Reference).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is an id", text)
		}
	}
}

// Answers can be sent back: each member is writable or ignored in every request.
func TestAnswersCanBeSentBack(t *testing.T) {
	for _, test := range []struct{ request, answer reflect.Type }{
		{reflect.TypeFor[canonical.KeyBody](), reflect.TypeFor[canonical.APIKey]()},
		{reflect.TypeFor[canonical.KeyPutBody](), reflect.TypeFor[canonical.APIKey]()},
		{reflect.TypeFor[canonical.KeyPatch](), reflect.TypeFor[canonical.APIKey]()},
		{reflect.TypeFor[canonical.KeyBody](), reflect.TypeFor[canonical.WhoAmI]()},
		{reflect.TypeFor[canonical.KeyPatch](), reflect.TypeFor[canonical.WhoAmI]()},
		{reflect.TypeFor[canonical.PolicyBody](), reflect.TypeFor[canonical.Policy]()},
		{reflect.TypeFor[canonical.PolicyPatch](), reflect.TypeFor[canonical.Policy]()},
		{reflect.TypeFor[canonical.UserPatch](), reflect.TypeFor[canonical.User]()},
		{reflect.TypeFor[canonical.SettingsPatch](), reflect.TypeFor[canonical.Organization]()},
		{reflect.TypeFor[canonical.ServiceBody](), reflect.TypeFor[canonical.Service]()},
		{reflect.TypeFor[canonical.UserBody](), reflect.TypeFor[canonical.User]()},
		{reflect.TypeFor[canonical.SettingsBody](), reflect.TypeFor[canonical.Organization]()},
	} {
		accepted := map[string]bool{}
		for _, f := range wire.Fields(test.request) {
			accepted[f.Name] = true
			onlyKeywards := slices.Contains([]string{"id", "createdBy", "createdOn", "lastModifiedBy", "lastModifiedOn", "keyCount", "apiKey", "redactedApiKey", "secrets", "lastUsedOn", "lastUsedFrom", "policyName", "onBehalfOfEmail", "orgId", "user", "warnings", "holdersLeft", "deletedOn", "purgeOn", "exposure"}, f.Name)
			_, changes := test.request.FieldByName("Limits")
			fixed := test.request == reflect.TypeFor[canonical.KeyPatch]() && f.Name == "type" || changes && f.Name == "recoverable"
			if f.Ignored != (onlyKeywards || fixed) {
				t.Errorf("%s: %s is ignored: %t", test.request, f.Name, f.Ignored)
			}
		}
		for _, f := range wire.Fields(test.answer) {
			if !accepted[f.Name] {
				t.Errorf("%s refuses %s", test.request, f.Name)
			}
		}
	}
}
