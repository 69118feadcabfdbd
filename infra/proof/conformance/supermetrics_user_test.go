package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Supermetrics, "Restrictions": a key of type user whose user was deleted is
// disabled, and cannot be enabled until it has a user again.
func TestSupermetricsUserKeyWithoutUser(t *testing.T) {
	line(t, "supermetrics/user-removed", "supermetrics/user-invalid")
	user := owner.CreateUser(t, address(), "MEMBER", "AccessQueries")
	as, key := add(t, owner, stacktest.Member{"key_type": "user", "scope_names": "AccessQueries", "behalf_of_user_id": teamUserID(user)})
	owner.Do(t, http.MethodDelete, "/v1/users/"+user.ID, "").Want(t, http.StatusNoContent)
	wantError(t, owner.Send(t, http.MethodPatch, apiKey+"/"+key.ID, stacktest.Member{"is_enabled": true}), http.StatusBadRequest, "API_KEY_USER_INVALID")
	if got := patch(t, owner, key.ID, stacktest.Member{"description": "still without a user"}); got.Enabled || got.BehalfOf != nil {
		t.Errorf("%+v", got)
	}
	next := owner.CreateUser(t, address(), "MEMBER", "AccessQueries")
	if got := patch(t, owner, key.ID, stacktest.Member{"is_enabled": true, "behalf_of_user_id": teamUserID(next)}); !got.Enabled || got.BehalfOf == nil {
		t.Errorf("%+v", got)
	}
	becomes(t, as, next.ID)
}

// Supermetrics, "Update API key": null also removes the user of a key of type
// user, which disables it like the deletion of the user.
func TestSupermetricsNullClearsUserKeys(t *testing.T) {
	line(t, "supermetrics/update", "supermetrics/user-invalid")
	user := owner.CreateUser(t, address(), "MEMBER", "AccessQueries")
	as, key := add(t, owner, stacktest.Member{"key_type": "user", "scope_names": "AccessQueries", "behalf_of_user_id": teamUserID(user)})
	both := stacktest.Member{"behalf_of_user_id": nil, "is_enabled": true}
	wantError(t, owner.Send(t, http.MethodPatch, apiKey+"/"+key.ID, both), http.StatusBadRequest, "API_KEY_USER_INVALID")
	command(t, as).Want(t, http.StatusOK)
	for range 2 {
		if got := patch(t, owner, key.ID, stacktest.Member{"behalf_of_user_id": nil}); got.Enabled || got.BehalfOf != nil || got.Type != "user" {
			t.Errorf("%+v", got)
		}
	}
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	wantError(t, owner.Send(t, http.MethodPatch, apiKey+"/"+key.ID, stacktest.Member{"is_enabled": true}), http.StatusBadRequest, "API_KEY_USER_INVALID")
}

// Supermetrics, "Supported scopes": Keyward's own permissions are not scopes,
// nor are those to manage keys on these routes. A key that has some keeps them.
func TestSupermetricsOwnPermissionsAreNoScopes(t *testing.T) {
	line(t, "supermetrics/scopes", "supermetrics/scope-invalid")
	_, key := add(t, admin, stacktest.Member{})
	for _, scope := range []string{"AdministerApiKeys", "ManageApiKeys", "AdministerPolicies", "AdministerUsers", "AdministerServices", "ViewAuditEvents", "RevealApiKeys", "api_keys_read", "api_keys_write"} {
		body := stacktest.Member{"scope_names": []string{scopes[0], scope}}
		wantError(t, owner.Send(t, http.MethodPost, apiKey, body), http.StatusBadRequest, "API_KEY_SCOPE_NAME_INVALID")
		wantError(t, owner.Send(t, http.MethodPatch, apiKey+"/"+key.ID, body), http.StatusBadRequest, "API_KEY_SCOPE_NAME_INVALID")
	}
	canonical := admin.Create(t, "manages keys", "ManageApiKeys")
	id := "apk_" + strings.ReplaceAll(canonical.ID, "-", "")
	if got := patch(t, owner, id, stacktest.Member{"scope_names": []string{"ManageApiKeys", scopes[0]}}); len(got.ScopeNames) != 2 {
		t.Errorf("%+v", got)
	}
}

// Supermetrics: an error about the description names that member; null in
// is_enabled means absent.
func TestSupermetricsMembers(t *testing.T) {
	line(t, "supermetrics/add", "supermetrics/enabled")
	_, key := add(t, admin, stacktest.Member{"is_enabled": nil})
	if !key.Enabled {
		t.Error("null disables")
	}
	if got := patch(t, admin, key.ID, stacktest.Member{"is_enabled": false}); got.Enabled {
		t.Error("not disabled")
	}
	if got := patch(t, admin, key.ID, stacktest.Member{"is_enabled": nil, "description": "d"}); got.Enabled || got.Description != "d" {
		t.Errorf("null changes is_enabled: %+v", got)
	}
	canonical := admin.Create(t, "a name that counts in the canonical format")
	for _, description := range []string{strings.Repeat("d", 192), "a\u0007bell", " space"} {
		for path, method := range map[string]string{
			apiKey: http.MethodPost, apiKey + "/" + key.ID: http.MethodPatch, apiKey + "/apk_" + strings.ReplaceAll(canonical.ID, "-", ""): http.MethodPatch,
		} {
			answer := admin.Send(t, method, path, stacktest.Member{"description": description}).Want(t, http.StatusBadRequest)
			told := stacktest.JSON[struct{ Error struct{ Description string } }](t, answer).Error.Description
			if !strings.HasPrefix(told, "description: ") {
				t.Errorf("%s %s: %s", method, path, answer.Body)
			}
		}
	}
}
