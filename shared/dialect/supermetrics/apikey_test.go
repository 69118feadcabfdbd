package supermetrics

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	keyID  = uuid.UUID{0: 0x73, 6: 0x40, 8: 0x80, 15: 1}
	userID = uuid.UUID{0: 0x11, 6: 0x40, 8: 0x80, 15: 2}
	names  = apikey.Names{Users: map[uuid.UUID]string{userID: "info@example.com"}}
)

// full returns a key with every member set.
func full() apikey.Key {
	return apikey.Key{
		ID: keyID, Description: "My key", Type: apikey.TypeShared, Listed: true, OnBehalfOf: userID,
		Permissions: permission.NewSet("team_lists_write", "ds_queries_run"), Start: "api_H8TKlr",
		AllowIPs:  []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")},
		CreatedOn: time.Date(2021, 9, 25, 14, 38, 47, 999e6, time.FixedZone("", 2*3600)),
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A key has exactly the document's members, with its forms of ids, times,
// addresses and users. The value is null unless given.
func TestKeyHasTheDocumentsForm(t *testing.T) {
	const want = `{"@type":"api_key","api_key_id":"apk_73000000000040008000000000000001",` +
		`"created_time":"2021-09-25T12:38:47+00:00","description":"My key","key_type":"query","key_start":"api_H8TKlr...",` +
		`"key_value":%s,"scope_names":["ds_queries_run","team_lists_write"],"allow_ips":["127.0.0.1","10.0.0.0/8"],"is_enabled":true,` +
		`"behalf_of_user_info":{"@type":"user","user_id":"usr_11000000000040008000000000000002","email":"info@example.com"}}`
	key := FromKey(full(), names)
	if got := encoded(t, key); got != fmt.Sprintf(want, "null") {
		t.Errorf("got  %s\nwant %s", got, fmt.Sprintf(want, "null"))
	}
	if got := encoded(t, key.WithValue("api_whole")); got != fmt.Sprintf(want, `"api_whole"`) {
		t.Errorf("with its value: %s", got)
	}
	if printed := fmt.Sprintf("%v %+v", key.WithValue("canary"), *key.WithValue("canary").Value); strings.Contains(printed, "canary") {
		t.Errorf("printing shows the value: %s", printed)
	}
}

// The list has partial keys, and is a list even if empty, like the lists in a
// key.
func TestListHasPartialKeys(t *testing.T) {
	const want = `{"meta":{"request_id":"r1"},"data":[{"@type":"api_key","api_key_id":"apk_73000000000040008000000000000001",` +
		`"created_time":"2021-09-25T12:38:47+00:00","description":"","key_type":"none","key_start":"api_H8TKlr...",` +
		`"is_enabled":false,"behalf_of_user_info":null}]}`
	key := apikey.Key{ID: keyID, CreatedOn: full().CreatedOn, Start: "api_H8TKlr", Disabled: true, Type: apikey.TypeService}
	if got := encoded(t, KeyListAnswer{Meta{"r1"}, FromKeys([]apikey.Key{key}, names)}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := encoded(t, KeyListAnswer{Meta{"r1"}, FromKeys(nil, names)}); got != `{"meta":{"request_id":"r1"},"data":[]}` {
		t.Errorf("no keys: %s", got)
	}
	if got := encoded(t, FromKey(key, names)); !strings.Contains(got, `"scope_names":[],"allow_ips":[]`) {
		t.Errorf("no lists: %s", got)
	}
}

// A key's type is query or user as it was created; keys of other formats are
// none. A deleted user is shown as no user.
func TestTypesAndUsers(t *testing.T) {
	for want, key := range map[string]apikey.Key{
		TypeUser: {Type: apikey.TypePersonal}, TypeQuery: {Type: apikey.TypeShared, Listed: true}, TypeNone: {Type: apikey.TypeShared},
	} {
		if got := FromKey(key, names).Type; got != want {
			t.Errorf("%+v is of type %s, want %s", key, got, want)
		}
	}
	if got := FromKey(apikey.Key{Type: apikey.TypeService}, names).Type; got != TypeNone {
		t.Errorf("a service key is of type %s", got)
	}
	for _, gone := range []apikey.Names{{}, {Users: map[uuid.UUID]string{userID: ""}}} {
		if got := FromKey(full(), gone).BehalfOf; got != nil {
			t.Errorf("a user who is gone is shown as %+v", got)
		}
	}
}

// A request becomes a key without a name, in the rules' terms.
func TestDraft(t *testing.T) {
	off := false
	for name, c := range map[string]struct {
		body KeyBody
		want apikey.Draft
	}{
		"the document's sample": {
			KeyBody{Description: "My new API key", BehalfOf: UserID(userID)},
			apikey.Draft{Description: "My new API key", Type: apikey.TypeShared, OnBehalfOf: userID},
		},
		"query": {KeyBody{Type: TypeQuery}, apikey.Draft{Type: apikey.TypeShared, Listed: true}},
		"user": {
			KeyBody{Type: TypeUser, BehalfOf: UserID(userID), ScopeNames: []string{"b", "a", "b"}},
			apikey.Draft{Type: apikey.TypePersonal, Narrowed: true, OnBehalfOf: userID, Permissions: permission.Set{"a", "b"}},
		},
		"disabled": {KeyBody{Enabled: &off}, apikey.Draft{Type: apikey.TypeShared, Disabled: true}},
		"the rest": {
			KeyBody{AllowIPs: []string{"127.0.0.1"}, Recoverable: true},
			apikey.Draft{Type: apikey.TypeShared, AllowIPs: []string{"127.0.0.1"}, Recoverable: true},
		},
	} {
		got, faults := c.body.Draft()
		c.want.Nameless, c.want.IPv4Only, c.want.LongestLife, c.want.DeclaredOnly = true, true, true, true
		if len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
		if got.Permissions, c.want.Permissions = slices.Clip(got.Permissions), slices.Clip(c.want.Permissions); len(got.Permissions) == 0 {
			got.Permissions = nil
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A member absent from a change stays; null, which arrives as the zero value,
// clears it.
func TestEdit(t *testing.T) {
	if edit, faults := (KeyPatch{}).Edit(); len(faults) > 0 || !reflect.DeepEqual(edit, apikey.Edit{}) {
		t.Errorf("nothing is changed to %+v, %v", edit, faults)
	}
	on, user, none := true, UserID(userID), ""
	edit, faults := KeyPatch{Enabled: &on, BehalfOf: &user}.Edit()
	if len(faults) > 0 || *edit.Disabled || *edit.OnBehalfOf != userID || edit.Permissions != nil || edit.AllowIPs != nil {
		t.Errorf("%+v, %v", edit, faults)
	}
	if edit, _ := (KeyPatch{BehalfOf: &none}).Edit(); edit.OnBehalfOf == nil || !edit.OnBehalfOf.IsZero() {
		t.Errorf("null does not clear the user: %+v", edit)
	}
}
