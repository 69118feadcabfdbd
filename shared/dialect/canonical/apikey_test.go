package canonical_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

func id(t *testing.T, text string) uuid.UUID {
	t.Helper()
	parsed, err := uuid.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// sample returns the key in the Polaris document's samples.
func sample(t *testing.T) apikey.Key {
	t.Helper()
	return apikey.Key{
		ID: id(t, "730b0bd3-c770-4501-99f8-f3adff537051"), Org: "demo", Type: apikey.TypeService,
		Name: "New API key", Description: "New demo key", Redacted: "pok_bjSYK...nSUZ16",
		Permissions: permission.NewSet("ManageFiles", "AccessQueries"),
		CreatedBy:   apikey.Actor{Username: "api-key-pok_4gakz...k9kioy", UserID: "ef78eff2-d5dc-4d50-b46e-8306092a752a"},
		CreatedOn:   time.Date(2022, 9, 20, 21, 58, 7, 524e6, time.UTC),
		Version:     1,
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A key has exactly the fields of the Polaris document's samples, with their
// names and order, before its first change and after.
func TestKeyLooksLikeTheDocuments(t *testing.T) {
	key := sample(t)
	const head = `{"id":"730b0bd3-c770-4501-99f8-f3adff537051","name":"New API key","description":"New demo key",` +
		`"redactedApiKey":"pok_bjSYK...nSUZ16","permissions":["AccessQueries","ManageFiles"],` +
		`"createdBy":{"username":"api-key-pok_4gakz...k9kioy","userId":"ef78eff2-d5dc-4d50-b46e-8306092a752a"},"lastModifiedBy":`
	if got := encode(t, canonical.FromKey(key, apikey.Names{})); got != head+`{},"createdOn":"2022-09-20T21:58:07.524Z"}` {
		t.Error(got)
	}
	key.LastModifiedBy, key.LastModifiedOn = key.CreatedBy, time.Date(2022, 9, 21, 3, 21, 52, 290e6, time.UTC)
	want := head + `{"username":"api-key-pok_4gakz...k9kioy","userId":"ef78eff2-d5dc-4d50-b46e-8306092a752a"},` +
		`"createdOn":"2022-09-20T21:58:07.524Z","lastModifiedOn":"2022-09-21T03:21:52.29Z"}`
	if got := encode(t, canonical.FromKey(key, apikey.Names{})); got != want {
		t.Error(got)
	}
}

// Fields beyond the Polaris document's are shown only if they differ from the
// default.
func TestKeyShowsWhatIsUnusual(t *testing.T) {
	policy, user := id(t, "11111111-2222-4333-8444-555555555555"), id(t, "22222222-2222-4333-8444-555555555555")
	names := apikey.Names{Policies: map[uuid.UUID]string{policy: "Readers"}, Users: map[uuid.UUID]string{user: "u@example.com"}}
	plain := map[string]any{}
	if err := json.Unmarshal([]byte(encode(t, canonical.FromKey(sample(t), names))), &plain); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*apikey.Key)
		// adds lists the members beyond a plain key's, lacks the missing ones.
		adds, lacks string
	}{
		"plain":            {func(*apikey.Key) {}, `{}`, ""},
		"without any":      {func(k *apikey.Key) { k.Permissions = nil }, `{"permissions":[]}`, ""},
		"with a policy":    {func(k *apikey.Key) { k.Policy, k.Permissions = policy, nil }, `{"policyId":"` + policy.String() + `","policyName":"Readers"}`, "permissions"},
		"personal":         {func(k *apikey.Key) { k.Type, k.OnBehalfOf, k.Permissions = apikey.TypePersonal, user, nil }, `{"type":"personal","onBehalfOf":"` + user.String() + `","onBehalfOfEmail":"u@example.com"}`, "permissions"},
		"narrowed":         {func(k *apikey.Key) { k.Type, k.Narrowed = apikey.TypePersonal, true }, `{"type":"personal"}`, ""},
		"narrowed to none": {func(k *apikey.Key) { k.Type, k.Narrowed, k.Permissions = apikey.TypePersonal, true, nil }, `{"type":"personal","permissions":[]}`, ""},
		"shared":           {func(k *apikey.Key) { k.Type, k.Listed = apikey.TypeShared, true }, `{"type":"shared"}`, ""},
		"disabled":         {func(k *apikey.Key) { k.Disabled = true }, `{"enabled":false}`, ""},
		"of some services": {func(k *apikey.Key) { k.Services = []string{"files"} }, `{"services":["files"]}`, ""},
		"of no services":   {func(k *apikey.Key) { k.Services = []string{} }, `{}`, ""},
		"recoverable":      {func(k *apikey.Key) { k.Recoverable = true }, `{"recoverable":true}`, ""},
		"bounded in time":  {func(k *apikey.Key) { k.NotBefore, k.ExpiresOn = k.CreatedOn.Truncate(time.Second), time.Unix(4e9, 0) }, `{"notBefore":"2022-09-20T21:58:07Z","expiresOn":"2096-10-02T07:06:40Z"}`, ""},
		"bounded in places": {func(k *apikey.Key) {
			k.AllowIPs = prefixes("192.0.2.1/32", "2001:db8::/32", "2001:db8::1/128", "10.0.0.0/8")
		}, `{"allowIps":["192.0.2.1","2001:db8::/32","2001:db8::1","10.0.0.0/8"]}`, ""},
	} {
		key := sample(t)
		test.change(&key)
		want := maps.Clone(plain)
		if err := json.Unmarshal([]byte(test.adds), &want); err != nil {
			t.Fatal(err)
		}
		delete(want, test.lacks)
		got := map[string]any{}
		if err := json.Unmarshal([]byte(encode(t, canonical.FromKey(key, names))), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("a key %s is\n%v, want\n%v", name, got, want)
		}
	}
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// Lists and permissions are never null. The last page has no cursor.
func TestEmptyIsNotNull(t *testing.T) {
	key := sample(t)
	key.Permissions = nil
	for got, want := range map[string]string{
		encode(t, canonical.FromKey(key, apikey.Names{})):                                     `"permissions":[]`,
		encode(t, canonical.FromPage(apikey.Page{}, apikey.KeyQuery{})):                       `{"items":[]}`,
		encode(t, canonical.FromCatalogue(nil)):                                               `{"items":[]}`,
		encode(t, canonical.FromCatalogue([]apikey.Permission{{Name: "P"}})):                  `{"items":[{"name":"P","description":""}]}`,
		encode(t, canonical.FromPolicies(apikey.Listed[apikey.Policy, uuid.UUID]{})):          `{"items":[]}`,
		encode(t, canonical.FromServices(apikey.Listed[apikey.Service, string]{})):            `{"items":[]}`,
		encode(t, canonical.FromUsers(apikey.UserPage{})):                                     `{"items":[]}`,
		encode(t, canonical.FromAudits(apikey.Listed[apikey.AuditRecord, apikey.Position]{})): `{"items":[]}`,
		encode(t, canonical.FromPolicy(apikey.Policy{})):                                      `"permissions":[]`,
		encode(t, canonical.FromUser(apikey.User{}, apikey.Names{})):                          `"permissions":[]`,
		encode(t, canonical.FromService(apikey.Service{})):                                    `"permissions":[],"apis":[],"routes":[]`,
		encode(t, canonical.FromSelf(apikey.Self{})):                                          `{"permissions":[],"orgId":""}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s, without %s", got, want)
		}
	}
}

// JSON shows a new key's text; printing and logging do not.
func TestSecretIsForJSONAlone(t *testing.T) {
	text, err := keytext.Generate("kw", apikeytest.Entropy(1))
	if err != nil {
		t.Fatal(err)
	}
	wire := canonical.FromMinted(apikey.Minted{Key: sample(t), Text: text})
	secret := text.Reveal()
	if !strings.Contains(encode(t, wire), `"apiKey":"`+secret+`"`) {
		t.Error("the answer does not show the key")
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "key", wire)
	for _, printed := range []string{fmt.Sprint(wire), fmt.Sprintf("%v %+v %#v %s %q %x", wire, wire, wire, wire.Text, wire.Text, wire.Text), log.String()} {
		if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprintf("%x", secret)) {
			t.Error("the key was printed")
		}
	}
}

// Times are as in the Polaris document: UTC, with milliseconds but without their
// trailing zeros.
func TestTime(t *testing.T) {
	base := time.Date(2022, 9, 21, 3, 21, 52, 0, time.UTC)
	for want, in := range map[string]time.Time{
		"2022-09-21T03:21:52.29Z":  base.Add(290 * time.Millisecond),
		"2022-09-21T03:21:52.001Z": base.Add(time.Millisecond + 999*time.Microsecond),
		"2022-09-21T03:21:52Z":     base.In(time.FixedZone("", 7200)),
		"":                         {},
	} {
		if got := canonical.Time(in); got != want {
			t.Errorf("%v is %s, want %s", in, got, want)
		}
	}
}
