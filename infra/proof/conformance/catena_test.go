package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

const (
	catenaKeys     = "/api/v1/api_keys"
	catenaPolicies = catenaKeys + "/policies"
)

// catenaKey is an API key in the Catena format.
type catenaKey struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	APIKey   string `json:"api_key"`
	PolicyID string `json:"policy_id"`
}

// catenaError is an error in the Catena format.
type catenaError struct {
	Error struct {
		Code   string
		Fields []stacktest.FieldError
	}
}

// catenaPolicy creates a policy in the Catena format. It is deleted after the
// test, with its keys.
func catenaPolicy(t *testing.T, name string, permissions ...string) stacktest.Policy {
	t.Helper()
	body := stacktest.Member{"name": name, "permissions": permissions}
	policy := stacktest.JSON[stacktest.Policy](t, admin.Send(t, http.MethodPost, catenaPolicies, body).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Remove(t, catenaPolicies+"/"+policy.ID) })
	return policy
}

// catenaCreate creates a key in the Catena format, which is deleted after the
// test, and returns a client with it.
func catenaCreate(t *testing.T, name, policy string) (stacktest.Client, catenaKey) {
	t.Helper()
	body := stacktest.Member{"name": name, "policy_id": policy}
	key := stacktest.JSON[catenaKey](t, admin.Send(t, http.MethodPost, catenaKeys, body).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	return admin.With(key.APIKey), key
}

// Catena, "Create an API key": a key has a unique name and a single policy. The
// answer shows the whole key, once.
func TestCatenaCreate(t *testing.T) {
	line(t, "catena/create", "catena/grants")
	policy := catenaPolicy(t, "create", "AccessQueries")
	answer := admin.Send(t, http.MethodPost, catenaKeys, stacktest.Member{"name": "by policy", "policy_id": policy.ID}).Want(t, http.StatusCreated)
	key := stacktest.JSON[catenaKey](t, answer)
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	wantFields(t, answer.Body, "id", "name", "description", "api_key", "redacted_api_key", "policy_id", "policy_name", "created_by", "created_at")
	if key.PolicyID != policy.ID || key.Name != "by policy" {
		t.Errorf("%+v", key)
	}
	command(t, admin.With(key.APIKey)).Want(t, http.StatusOK)
	upload(t, admin.With(key.APIKey)).Want(t, http.StatusForbidden)
	for _, path := range []string{catenaKeys, catenaKeys + "/" + key.ID} {
		shown := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)
		if strings.Contains(string(shown.Body), key.APIKey) || !strings.Contains(string(shown.Body), policy.ID) {
			t.Errorf("GET %s: %s", path, shown.Body)
		}
	}
	for body, status := range map[string]int{
		`{"name":"by policy","policy_id":"` + policy.ID + `"}`:                      http.StatusConflict,
		`{"policy_id":"` + policy.ID + `"}`:                                         http.StatusBadRequest,
		`{"name":"no policy"}`:                                                      http.StatusBadRequest,
		`{"name":"no policy","policy_id":null}`:                                     http.StatusBadRequest,
		`{"name":"two","policy_id":["` + policy.ID + `"]}`:                          http.StatusBadRequest,
		`{"name":"mixed","policy_id":"` + policy.ID + `","permissions":[]}`:         http.StatusBadRequest,
		`{"name":"mixed","policyId":"` + policy.ID + `"}`:                           http.StatusBadRequest,
		`{"name":"mixed","policy_id":"` + policy.ID + `","behalf_of_user_id":null}`: http.StatusBadRequest,
	} {
		refused := admin.Do(t, http.MethodPost, catenaKeys, body).Want(t, status)
		if e := stacktest.JSON[catenaError](t, refused); e.Error.Code == "" {
			t.Errorf("%s: %s", body, refused.Body)
		}
	}
}

// Catena, "Create an API key": a key requires a policy.
func TestCatenaNeedsAPolicy(t *testing.T) {
	line(t, "catena/policy-first")
	for _, id := range []string{"", "none", "73000000-0000-4000-8000-000000000001"} {
		answer := admin.Send(t, http.MethodPost, catenaKeys, stacktest.Member{"name": "early", "policy_id": id}).Want(t, http.StatusBadRequest)
		if e := stacktest.JSON[catenaError](t, answer); len(e.Error.Fields) != 1 || e.Error.Fields[0].Field != "policy_id" || e.Error.Fields[0].Code != "UNKNOWN_POLICY" {
			t.Errorf("policy %q: %s", id, answer.Body)
		}
	}
}

// Catena: a name is unique across Unicode normalizations.
func TestCatenaNamesAreUnique(t *testing.T) {
	line(t, "catena/create", "catena/manage")
	policy := catenaPolicy(t, "caf\u00e9", "AccessQueries")
	catenaCreate(t, "caf\u00e9", policy.ID)
	again := admin.Send(t, http.MethodPost, catenaKeys, stacktest.Member{"name": "cafe\u0301", "policy_id": policy.ID}).Want(t, http.StatusConflict)
	if e := stacktest.JSON[catenaError](t, again); e.Error.Code != "API_KEY_NAME_TAKEN" {
		t.Errorf("%s", again.Body)
	}
	again = admin.Send(t, http.MethodPost, catenaPolicies, stacktest.Member{"name": "cafe\u0301", "permissions": []string{"AccessQueries"}}).Want(t, http.StatusConflict)
	if e := stacktest.JSON[catenaError](t, again); e.Error.Code != "POLICY_NAME_TAKEN" {
		t.Errorf("%s", again.Body)
	}
}

// Catena, Supermetrics: resources of another organization look as if they did
// not exist.
func TestOtherOrganizationsDoNotExist(t *testing.T) {
	line(t, "catena/create", "supermetrics/user-invalid", "supermetrics/not-found")
	other := running.Organization(t, "elsewhere")
	policy := other.CreatePolicy(t, "theirs", "ManageApiKeys")
	user := other.CreateUser(t, address(), "MEMBER")
	key := other.Create(t, "theirs")
	refused := admin.Send(t, http.MethodPost, catenaKeys, stacktest.Member{"name": "mine", "policy_id": policy.ID}).Want(t, http.StatusBadRequest)
	if e := stacktest.JSON[catenaError](t, refused); len(e.Error.Fields) != 1 || e.Error.Fields[0].Code != "UNKNOWN_POLICY" {
		t.Errorf("%s", refused.Body)
	}
	wantError(t, admin.Send(t, http.MethodPost, apiKey, stacktest.Member{"behalf_of_user_id": teamUserID(user)}), http.StatusBadRequest, "API_KEY_USER_INVALID")
	admin.Do(t, http.MethodDelete, catenaPolicies+"/"+policy.ID, "").Want(t, http.StatusNotFound)
	admin.Do(t, http.MethodDelete, catenaKeys+"/"+key.ID, "").Want(t, http.StatusNotFound)
	wantError(t, admin.Do(t, http.MethodGet, apiKey+"/apk_"+strings.ReplaceAll(key.ID, "-", ""), ""), http.StatusNotFound, "API_KEY_NOT_FOUND")
	for _, path := range []string{catenaKeys, catenaPolicies, apiKeys} {
		listed := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)
		if strings.Contains(string(listed.Body), policy.ID) || strings.Contains(string(listed.Body), key.ID) {
			t.Errorf("GET %s shows what is another organization's", path)
		}
	}
}

// Catena, "Permissions": a permission can be granted once a service declares it.
func TestCatenaCollectsPermissions(t *testing.T) {
	line(t, "catena/collected")
	service := stacktest.Member{
		"name": "Extra", "permissions": []stacktest.Member{{"name": "RunExtras", "description": "Run extras"}},
		"apis": []stacktest.Member{{"account": "123456789012", "id": "extra"}}, "routes": []stacktest.Member{},
	}
	owner.Send(t, http.MethodPut, "/v1/services/extra", service).Want(t, http.StatusCreated)
	t.Cleanup(func() { owner.Remove(t, "/v1/services/extra?force=true") })
	answer := owner.Do(t, http.MethodGet, catenaKeys+"/permissions", "").Want(t, http.StatusOK)
	if want := `{"name":"RunExtras","description":"Run extras","service":"extra"}`; !strings.Contains(string(answer.Body), want) {
		t.Errorf("not collected: %s", answer.Body)
	}
	policy := owner.CreatePolicy(t, "extras", "RunExtras")
	if !slices.Equal(policy.Permissions, []string{"RunExtras"}) {
		t.Errorf("%+v", policy)
	}
}

// Catena, "Policies": one policy serves any number of keys.
func TestCatenaPolicyServesManyKeys(t *testing.T) {
	line(t, "catena/shared-policy", "catena/grants")
	policy := catenaPolicy(t, "shared", "AccessQueries")
	for n := range 5 {
		as, _ := catenaCreate(t, "shares "+string(rune('a'+n)), policy.ID)
		command(t, as).Want(t, http.StatusOK)
	}
	answer := admin.Do(t, http.MethodGet, catenaPolicies+"/"+policy.ID, "").Want(t, http.StatusOK)
	if n := stacktest.JSON[struct {
		Count int `json:"api_key_count"`
	}](t, answer).Count; n != 5 {
		t.Errorf("%d keys", n)
	}
}

// Catena: the two lists have the document's names and paths, which no key's id
// can collide with.
func TestCatenaLists(t *testing.T) {
	line(t, "catena/policies", "catena/permissions", "catena/literals")
	policy := catenaPolicy(t, "listed", "AccessQueries")
	listed := admin.Do(t, http.MethodGet, catenaPolicies, "").Want(t, http.StatusOK)
	wantFields(t, listed.Body, "policies")
	policies := stacktest.JSON[struct{ Policies []stacktest.Policy }](t, listed).Policies
	if !slices.ContainsFunc(policies, func(p stacktest.Policy) bool { return p.ID == policy.ID }) {
		t.Errorf("the policy is not listed: %s", listed.Body)
	}

	answer := admin.Do(t, http.MethodGet, catenaKeys+"/permissions", "").Want(t, http.StatusOK)
	wantFields(t, answer.Body, "permissions")
	permissions := stacktest.JSON[struct {
		Permissions []struct{ Name, Description, Service string }
	}](t, answer).Permissions
	from := map[string]string{}
	for _, p := range permissions {
		from[p.Name] = p.Service
	}
	for name, want := range map[string]string{"AccessQueries": "demo", "ds_queries_run": "demo", "AdministerApiKeys": ""} {
		if got, listed := from[name]; !listed || got != want {
			t.Errorf("%s is declared by %q (%t), want %q", name, got, listed, want)
		}
	}
}

// Catena, "Managing policies": a policy has a unique name and permissions, and
// can be changed and deleted.
func TestCatenaManagesPolicies(t *testing.T) {
	line(t, "catena/manage")
	policy := catenaPolicy(t, "managed", "AccessQueries")
	path := catenaPolicies + "/" + policy.ID
	admin.Send(t, http.MethodPost, catenaPolicies, stacktest.Member{"name": "managed", "permissions": []string{"ManageFiles"}}).Want(t, http.StatusConflict)
	admin.Send(t, http.MethodPost, catenaPolicies, stacktest.Member{"name": "unknown", "permissions": []string{"Fly"}}).Want(t, http.StatusBadRequest)
	admin.Send(t, http.MethodPost, catenaPolicies, stacktest.Member{"name": "empty", "permissions": []string{}}).Want(t, http.StatusBadRequest)
	changed := admin.Send(t, http.MethodPut, path, stacktest.Member{"name": "renamed", "permissions": []string{"ManageFiles"}}).Want(t, http.StatusOK)
	if p := stacktest.JSON[stacktest.Policy](t, changed); p.Name != "renamed" || !slices.Equal(p.Permissions, []string{"ManageFiles"}) {
		t.Errorf("%s", changed.Body)
	}
	admin.Do(t, http.MethodDelete, path, "").Want(t, http.StatusNoContent)
	gone := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusNotFound)
	if e := stacktest.JSON[catenaError](t, gone); e.Error.Code != "POLICY_NOT_FOUND" {
		t.Errorf("%s", gone.Body)
	}
}

// A key from another format shows why it has no policy, and can be sent back
// unchanged. With a policy, the reason is gone.
func TestCatenaShowsKeysWithoutAPolicy(t *testing.T) {
	line(t, "catena/create")
	direct := admin.Create(t, "made in another format", "AccessQueries")
	_, user := person(t, "MEMBER")
	personal := owner.CreateKey(t, stacktest.Member{"name": "acts as " + user.Email, "type": "personal", "onBehalfOf": user.ID})
	for id, want := range map[string]string{direct.ID: "permissions of its own", personal.ID: "acts as a user"} {
		shown := stacktest.JSON[stacktest.Member](t, owner.Do(t, http.MethodGet, catenaKeys+"/"+id, "").Want(t, http.StatusOK))
		note, _ := shown["policy_note"].(string)
		if value, there := shown["policy_id"]; value != nil || !there || !strings.Contains(note, want) {
			t.Errorf("%v", shown)
		}
		owner.Send(t, http.MethodPut, catenaKeys+"/"+id, shown).Want(t, http.StatusOK)
	}
	policy := catenaPolicy(t, "in the place of permissions", "AccessQueries")
	body := stacktest.Member{"name": "made in another format", "policy_id": policy.ID}
	if answer := admin.Send(t, http.MethodPut, catenaKeys+"/"+direct.ID, body).Want(t, http.StatusOK); strings.Contains(string(answer.Body), "policy_note") {
		t.Errorf("%s", answer.Body)
	}
}
