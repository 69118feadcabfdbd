package catena

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	keyID    = uuid.UUID{0: 0x73, 6: 0x40, 8: 0x80, 15: 1}
	policyID = uuid.UUID{0: 0x11, 6: 0x40, 8: 0x80, 15: 2}
	names    = apikey.Names{Policies: map[uuid.UUID]string{policyID: "Readers"}}
	created  = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
)

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A key names its policy by id and name; without a policy, both are null.
func TestKeyForm(t *testing.T) {
	key := apikey.Key{
		ID: keyID, Name: "Uploader", Policy: policyID, Redacted: "kw_4Wpw...0qPE",
		CreatedBy: apikey.Actor{Username: "owner@example.com", UserID: "u"}, CreatedOn: created,
	}
	const want = `{"id":"73000000-0000-4000-8000-000000000001","name":"Uploader","description":"","redacted_api_key":"kw_4Wpw...0qPE",` +
		`"policy_id":%s,"policy_name":%s,"created_by":"owner@example.com","created_at":"2026-01-02T03:04:05Z"}`
	if got, want := encoded(t, FromKey(key, names)), fmt.Sprintf(want, `"11000000-0000-4000-8000-000000000002"`, `"Readers"`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	key.Policy = uuid.UUID{}
	if got, want := encoded(t, FromKeys([]apikey.Key{key}, names)), `{"api_keys":[`+fmt.Sprintf(want, "null", "null")+`]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Only JSON shows a new key's text; printing does not.
func TestMintedKeyIsShownByJSONAlone(t *testing.T) {
	text, err := keytext.Generate("kw", strings.NewReader(strings.Repeat("entropy!", 32)))
	if err != nil {
		t.Fatal(err)
	}
	minted := FromMinted(apikey.Minted{Key: apikey.Key{ID: text.ID()}, Text: text})
	if got := encoded(t, minted); !strings.Contains(got, `"api_key":"`+text.Reveal()+`"`) {
		t.Errorf("the key is not shown: %s", got)
	}
	if printed := fmt.Sprintf("%v %+v %s", minted, minted, minted.Text); strings.Contains(printed, text.Reveal()) {
		t.Errorf("printing shows the key: %s", printed)
	}
}

// Lists have the document's names, and are lists even if empty.
func TestLists(t *testing.T) {
	policy := apikey.Policy{ID: policyID, Name: "Readers", KeyCount: 2, CreatedOn: created, LastModifiedOn: created}
	const want = `{"policies":[{"id":"11000000-0000-4000-8000-000000000002","name":"Readers","description":"","permissions":[],` +
		`"api_key_count":2,"created_by":"","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}]}`
	if got := encoded(t, FromPolicies([]apikey.Policy{policy})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	permissions := FromCatalogue([]apikey.Permission{{Name: "Read", Description: "d", Service: "files"}})
	if got := encoded(t, permissions); got != `{"permissions":[{"name":"Read","description":"d","service":"files"}]}` {
		t.Error(got)
	}
	got := encoded(t, FromKeys(nil, names)) + encoded(t, FromPolicies(nil)) + encoded(t, FromCatalogue(nil))
	if got != `{"api_keys":[]}{"policies":[]}{"permissions":[]}` {
		t.Error(got)
	}
}

// reference returns a policy's id as in a request.
func reference(t *testing.T, text string) (r PolicyReference) {
	t.Helper()
	if err := r.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return r
}

// A key consists of a name and one policy. A change keeps what the format does
// not define: a disabled key stays disabled.
func TestKeyBody(t *testing.T) {
	draft, faults := KeyBody{Name: "n", Description: "d", PolicyID: reference(t, policyID.String())}.Draft()
	if want := (apikey.Draft{Name: "n", Description: "d", Policy: policyID, LongestLife: true}); len(faults) > 0 || !reflect.DeepEqual(draft, want) {
		t.Errorf("%+v, %v", draft, faults)
	}
	edit, faults := UpdateBody{Name: "n", Description: "d", PolicyID: reference(t, policyID.String())}.Edit()
	name, description, policy := "n", "d", policyID
	if want := (apikey.Edit{Name: &name, Description: &description, Policy: &policy}); len(faults) > 0 || !reflect.DeepEqual(edit, want) {
		t.Errorf("%+v, %v", edit, faults)
	}
	for _, id := range []string{"", "x", "00000000-0000-0000-0000-000000000000", strings.ToUpper(policyID.String()) + "A"} {
		_, made := KeyBody{PolicyID: reference(t, id)}.Draft()
		_, changed := UpdateBody{PolicyID: reference(t, id)}.Edit()
		for _, faults := range [][]apikey.FieldError{made, changed} {
			if len(faults) != 1 || faults[0].Code != apikey.FieldPolicy || faults[0].Field != "policy_id" {
				t.Errorf("%q: %v", id, faults)
			}
		}
	}
	got := PolicyBody{Name: "n", Permissions: []string{"b", "a", "b"}}.Draft()
	if !slices.Equal(got.Permissions, []string{"a", "b"}) || got.Name != "n" {
		t.Errorf("%+v", got)
	}
}

// An error names its request, and fields in this format's spelling. It stays
// small for any request.
func TestErrorForm(t *testing.T) {
	got := encoded(t, NewError("INVALID_REQUEST", "No.", "r1", []apikey.FieldError{{Field: "policyId", Code: "C", Detail: "D"}, {Field: "permissions[0]"}}))
	const want = `{"error":{"code":"INVALID_REQUEST","message":"No.","request_id":"r1","fields":[` +
		`{"field":"policy_id","code":"C","message":"D"},{"field":"permissions[0]","code":"","message":""}]}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := encoded(t, NewError("C", "m", "r", nil)); got != `{"error":{"code":"C","message":"m","request_id":"r"}}` {
		t.Error(got)
	}
	if got := NewError("C", "m", "r", make([]apikey.FieldError, 1000)); len(got.Error.Fields) != wire.MaxFaults {
		t.Errorf("%d fields", len(got.Error.Fields))
	}
}
