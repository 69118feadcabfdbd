package conformance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Supermetrics, "List API keys" and "Get API key": the list has partial objects,
// a single key is whole, in the document's forms and envelope.
func TestSupermetricsRead(t *testing.T) {
	line(t, "supermetrics/list", "supermetrics/get", "supermetrics/envelope", "supermetrics/forms")
	user := owner.CreateUser(t, address(), "MEMBER")
	_, key := add(t, admin, stacktest.Member{
		"key_type": "query", "description": "My old API key", "scope_names": "team_lists_write", "allow_ips": "127.0.0.1", "behalf_of_user_id": teamUserID(user),
	})
	listed := admin.Do(t, http.MethodGet, apiKeys, "").Want(t, http.StatusOK)
	wantFields(t, listed.Body, "meta", "data")
	raw := stacktest.JSON[struct{ Data []stacktest.Member }](t, listed).Data
	i := slices.IndexFunc(raw, func(m stacktest.Member) bool { return m["api_key_id"] == key.ID })
	if i < 0 {
		t.Fatalf("the key is not listed: %s", listed.Body)
	}
	partial := []string{"@type", "api_key_id", "behalf_of_user_info", "created_time", "description", "is_enabled", "key_start", "key_type"}
	if got := sortedNames(raw[i]); !slices.Equal(got, partial) {
		t.Errorf("the list shows %v, want %v", got, partial)
	}
	answer := admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)
	got := keyIn(t, answer)
	members := stacktest.JSON[struct{ Data stacktest.Member }](t, answer).Data
	if names, want := sortedNames(members), sorted(append(partial, "key_value", "scope_names", "allow_ips")); !slices.Equal(names, want) {
		t.Errorf("a key shows %v, want %v", names, want)
	}
	if members["key_value"] != nil || got.Kind != "api_key" || !got.Enabled || got.Type != "query" || got.Description != "My old API key" {
		t.Errorf("%s", answer.Body)
	}
	if !slices.Equal(got.ScopeNames, []string{"team_lists_write"}) || !slices.Equal(got.AllowIPs, []string{"127.0.0.1"}) {
		t.Errorf("%s", answer.Body)
	}
	if want := (teamUser{"user", teamUserID(user), user.Email}); got.BehalfOf == nil || *got.BehalfOf != want {
		t.Errorf("%s", answer.Body)
	}
	match(t, `^apk_[0-9a-f]{32}$`, got.ID)
	match(t, `^usr_[0-9a-f]{32}$`, got.BehalfOf.ID)
	match(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$`, got.CreatedTime)
	if want := (*key.Value)[:10] + "..."; got.Start != want {
		t.Errorf("key_start %q, want %q", got.Start, want)
	}
}

// Supermetrics, "Add API key": the answer shows the value, once. By default, the
// type is none, there are no scopes, and the key is enabled.
func TestSupermetricsAdd(t *testing.T) {
	line(t, "supermetrics/add", "supermetrics/types", "supermetrics/enabled", "supermetrics/audit")
	_, key := add(t, admin, stacktest.Member{"description": "My new API key"})
	if key.Type != "none" || !key.Enabled || len(key.ScopeNames) != 0 || len(key.AllowIPs) != 0 || key.BehalfOf != nil {
		t.Errorf("%+v", key)
	}
	again := admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)
	if got := keyIn(t, again); got.Value != nil || strings.Contains(string(again.Body), *key.Value) {
		t.Errorf("the value is shown again: %s", again.Body)
	}
	user := owner.CreateUser(t, address(), "MEMBER")
	for _, kind := range []string{"query", "user"} {
		if _, key := add(t, admin, stacktest.Member{"key_type": kind, "behalf_of_user_id": teamUserID(user)}); key.Type != kind {
			t.Errorf("%s is shown as %s", kind, key.Type)
		}
	}
	for _, body := range []string{`{"key_type":"none"}`, `{"key_type":"QUERY"}`, `{"key_type":1}`, `{"is_enabled":"true"}`, `{"name":"n"}`, `{"colour":"red"}`, `[]`, ``} {
		wantError(t, admin.Do(t, http.MethodPost, apiKey, body), http.StatusBadRequest, "INVALID_REQUEST")
	}
	if made := events(t, key.ID, "apikey.create"); len(made) != 1 {
		t.Errorf("%d records of the creation", len(made))
	}
}

// Supermetrics, "Update API key": absent members stay, null clears the user, and
// read-only members that are sent back are ignored.
func TestSupermetricsUpdate(t *testing.T) {
	line(t, "supermetrics/update", "supermetrics/lists")
	user := owner.CreateUser(t, address(), "MEMBER")
	_, key := add(t, admin, stacktest.Member{
		"description": "before", "scope_names": []string{"ds_logins_read", "ds_queries_run"}, "allow_ips": []string{"10.0.0.0/8", "127.0.0.1"}, "behalf_of_user_id": teamUserID(user),
	})
	same := func(got, want teamKey) {
		t.Helper()
		if got.Description != want.Description || !slices.Equal(got.ScopeNames, want.ScopeNames) || !slices.Equal(got.AllowIPs, want.AllowIPs) ||
			got.Enabled != want.Enabled || (got.BehalfOf == nil) != (want.BehalfOf == nil) || got.Value != nil {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	want := key
	want.Description, want.Enabled = "Old disabled API key", false
	same(patch(t, admin, key.ID, stacktest.Member{"description": want.Description, "is_enabled": false}), want)
	same(patch(t, admin, key.ID, stacktest.Member{}), want)
	want.ScopeNames = []string{"team_lists_read"}
	same(patch(t, admin, key.ID, stacktest.Member{"scope_names": "team_lists_read"}), want)
	want.AllowIPs = []string{"192.168.0.0/16"}
	same(patch(t, admin, key.ID, stacktest.Member{"allow_ips": "192.168.0.0/16"}), want)
	want.BehalfOf = nil
	same(patch(t, admin, key.ID, stacktest.Member{"behalf_of_user_id": nil}), want)
	want.Enabled = true
	same(patch(t, admin, key.ID, stacktest.Member{"is_enabled": true, "@type": "api_key", "api_key_id": "x", "created_time": 1, "key_start": "x", "key_value": nil, "behalf_of_user_info": nil}), want)
	wantError(t, admin.Do(t, http.MethodPatch, apiKey+"/"+key.ID, `{"permissions":[]}`), http.StatusBadRequest, "INVALID_REQUEST")
}

// Supermetrics has exactly four routes, and none that deletes.
func TestSupermetricsUnknownRoutes(t *testing.T) {
	line(t, "supermetrics/no-delete", "supermetrics/envelope")
	_, key := add(t, admin, stacktest.Member{})
	for _, request := range [][2]string{
		{http.MethodDelete, apiKey + "/" + key.ID}, {http.MethodPut, apiKey + "/" + key.ID}, {http.MethodGet, apiKey},
		{http.MethodPost, apiKeys}, {http.MethodGet, "/enterprise/v2/nothing"}, {http.MethodGet, apiKey + "/" + key.ID + "/more"},
	} {
		wantError(t, admin.Do(t, request[0], request[1], ""), http.StatusNotFound, "NOT_FOUND")
	}
	admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)
}

// Supermetrics, "Supported scopes": each of the 12 can be given to a key.
func TestSupermetricsScopes(t *testing.T) {
	line(t, "supermetrics/scopes", "supermetrics/lists")
	_, key := add(t, admin, stacktest.Member{"scope_names": append(slices.Clone(scopes), scopes[0])})
	if !slices.Equal(key.ScopeNames, scopes) {
		t.Errorf("%v, want %v", key.ScopeNames, scopes)
	}
	if _, key := add(t, admin, stacktest.Member{"scope_names": scopes[0]}); !slices.Equal(key.ScopeNames, scopes[:1]) {
		t.Errorf("%v", key.ScopeNames)
	}
}

// Supermetrics: the document's sample requests run unchanged except for the
// host, the access token and the ids.
func TestSupermetricsSamples(t *testing.T) {
	line(t, "supermetrics/samples", "supermetrics/token")
	as, user := tokenHolder(t, "api_keys_read", "api_keys_write")
	send := func(name, id string) stacktest.Answer {
		t.Helper()
		content, err := os.ReadFile(filepath.Join("testdata", "supermetrics", name+".http"))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("https://api.supermetrics.com", "", "Bearer <access token>", as.Authorization, "usr_1", id, "apk_3", id).Replace(string(content))
		head, body, _ := strings.Cut(changed, "\n{")
		rows := strings.Split(head, "\n")
		method, path, _ := strings.Cut(rows[0], " ")
		var header []string
		for _, row := range rows[1:] {
			name, value, _ := strings.Cut(row, ": ")
			header = append(header, name, value)
		}
		return as.Do(t, method, path, "{"+body, header...)
	}
	added := keyIn(t, send("add", teamUserID(user)).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Delete(t, canonicalID(added.ID)) })
	if added.Description != "My new API key" || added.BehalfOf == nil || added.BehalfOf.ID != teamUserID(user) || added.Type != "none" {
		t.Errorf("%+v", added)
	}
	updated := keyIn(t, send("update", added.ID).Want(t, http.StatusOK))
	if updated.Description != "Old disabled API key" || updated.Enabled {
		t.Errorf("%+v", updated)
	}
	for _, path := range []string{apiKeys, fmt.Sprintf("%s/%s", apiKey, added.ID)} {
		as.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func sortedNames(m stacktest.Member) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return sorted(names)
}
