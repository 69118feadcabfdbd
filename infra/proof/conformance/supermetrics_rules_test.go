package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// tokenHolder creates a user with those permissions, and returns a client with
// an OAuth access token of that user.
func tokenHolder(t *testing.T, permissions ...string) (stacktest.Client, stacktest.User) {
	t.Helper()
	user := owner.CreateUser(t, address(), "MEMBER", permissions...)
	return owner.With(issuer.Token(t, user.Email)), user
}

// Supermetrics, "Permissions": an access token, like a key, manages keys if its
// user has api_keys_read for reads and api_keys_write for writes.
func TestSupermetricsPermissions(t *testing.T) {
	line(t, "supermetrics/permissions", "supermetrics/token")
	reader, _ := tokenHolder(t, "api_keys_read")
	writer, user := tokenHolder(t, "api_keys_write", "ds_queries_run")
	nobody, _ := tokenHolder(t, "ds_queries_run")
	_, key := add(t, writer, stacktest.Member{"scope_names": "ds_queries_run"})
	keyReader := admin.With(admin.Create(t, "reads", "api_keys_read").APIKey)

	for _, as := range []stacktest.Client{reader, keyReader} {
		as.Do(t, http.MethodGet, apiKeys, "").Want(t, http.StatusOK)
		as.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)
		as.Do(t, http.MethodPost, apiKey, `{}`).Want(t, http.StatusForbidden)
		as.Do(t, http.MethodPatch, apiKey+"/"+key.ID, `{}`).Want(t, http.StatusForbidden)
		as.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"n","permissions":[]}`).Want(t, http.StatusForbidden)
	}
	writer.Do(t, http.MethodPatch, apiKey+"/"+key.ID, `{"description":"changed"}`).Want(t, http.StatusOK)
	writer.Do(t, http.MethodGet, apiKeys, "").Want(t, http.StatusForbidden)
	writer.Do(t, http.MethodPost, apiKey, `{"scope_names":"ds_logins_read"}`).Want(t, http.StatusForbidden)
	for _, request := range [][2]string{{http.MethodGet, apiKeys}, {http.MethodPost, apiKey}} {
		nobody.Do(t, request[0], request[1], "").Want(t, http.StatusForbidden)
	}
	made := events(t, key.ID, "apikey.create")
	if len(made) != 1 {
		t.Fatalf("%d records", len(made))
	}
	if actor, _ := made[0]["actor"].(map[string]any); actor["username"] != user.Email || actor["userId"] != user.ID {
		t.Errorf("the actor is %v, want %s", made[0]["actor"], user.Email)
	}
	tampered := writer.Authorized(writer.Authorization[:len(writer.Authorization)-4] + "AAAA")
	tampered.Do(t, http.MethodGet, apiKeys, "").Want(t, http.StatusUnauthorized)
}

// Supermetrics, "Get API key": show_key_value shows the value of a recoverable
// key, and the audit log records it. For any other key it is null.
func TestSupermetricsShowKeyValue(t *testing.T) {
	line(t, "supermetrics/show", "supermetrics/audit")
	settings(t, func(s stacktest.Member) { s["recoverable"] = true })
	as, _ := tokenHolder(t, "api_keys_read", "api_keys_write", "RevealApiKeys")
	_, kept := add(t, as, stacktest.Member{"is_recoverable": true})
	_, lost := add(t, as, stacktest.Member{})
	shown := func(id, query string) *string {
		return keyIn(t, as.Do(t, http.MethodGet, apiKey+"/"+id+query, "").Want(t, http.StatusOK)).Value
	}
	for _, query := range []string{"", "?show_key_value=false", "?show_key_value=False", "?show_key_value=0"} {
		if got := shown(kept.ID, query); got != nil {
			t.Errorf("%q shows the value", query)
		}
	}
	if n := len(events(t, kept.ID, "apikey.reveal")); n != 0 {
		t.Errorf("%d records before anything was shown", n)
	}
	readings := []string{"=true", "=True", "=TRUE", "=1", "=", ""}
	for _, value := range readings {
		if got := shown(kept.ID, "?show_key_value"+value); got == nil || *got != *kept.Value {
			t.Errorf("%q: the value is not shown, or is another", value)
		}
	}
	if n := len(events(t, kept.ID, "apikey.reveal")); n != len(readings) {
		t.Errorf("%d records of %d readings", n, len(readings))
	}
	if shown(lost.ID, "?show_key_value=true") != nil {
		t.Error("the value of a key that is not recoverable is shown")
	}
	for _, value := range []string{"yes", "2", "null"} {
		wantError(t, as.Do(t, http.MethodGet, apiKey+"/"+kept.ID+"?show_key_value="+value, ""), http.StatusBadRequest, "INVALID_REQUEST")
	}
	reader, _ := tokenHolder(t, "api_keys_read")
	if refused := reader.Do(t, http.MethodGet, apiKey+"/"+kept.ID+"?show_key_value=true", "").Want(t, http.StatusForbidden); strings.Contains(string(refused.Body), *kept.Value) {
		t.Error("a refusal shows the value")
	}
	if n := len(events(t, kept.ID, "apikey.reveal")); n != len(readings) {
		t.Errorf("%d records of %d readings and one refusal", n, len(readings))
	}
}

// Supermetrics: allow_ips and is_enabled are enforced wherever the key is used.
func TestSupermetricsBoundsUse(t *testing.T) {
	line(t, "supermetrics/ips", "supermetrics/enabled")
	as, key := add(t, admin, stacktest.Member{"scope_names": "AccessQueries", "allow_ips": []string{"127.0.0.0/8"}})
	command(t, as).Want(t, http.StatusOK)
	patch(t, admin, key.ID, stacktest.Member{"allow_ips": "192.0.2.1"})
	within(t, http.StatusForbidden, func() stacktest.Answer { return command(t, as) })
	as.Do(t, http.MethodPost, "/api", `{"command":"ping"}`, "X-Forwarded-For", "192.0.2.1").Want(t, http.StatusForbidden)
	patch(t, admin, key.ID, stacktest.Member{"allow_ips": nil})
	within(t, http.StatusOK, func() stacktest.Answer { return command(t, as) })
	patch(t, admin, key.ID, stacktest.Member{"is_enabled": false})
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	patch(t, admin, key.ID, stacktest.Member{"is_enabled": true})
	within(t, http.StatusOK, func() stacktest.Answer { return command(t, as) })
}

// Supermetrics, "Restrictions": a user's private key acts as the user, and is
// disabled when the user is deleted.
func TestSupermetricsUserRemoved(t *testing.T) {
	line(t, "supermetrics/user-removed")
	user := owner.CreateUser(t, address(), "MEMBER", "AccessQueries", "ManageFiles")
	as, key := add(t, owner, stacktest.Member{"key_type": "user", "scope_names": "AccessQueries", "behalf_of_user_id": teamUserID(user)})
	if got := identity(t, as); got != user.ID {
		t.Errorf("the key acts as %q, want %q", got, user.ID)
	}
	upload(t, as).Want(t, http.StatusForbidden)
	owner.Do(t, http.MethodDelete, "/v1/users/"+user.ID, "").Want(t, http.StatusNoContent)
	if got := keyIn(t, admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)); got.Enabled {
		t.Error("the key is not disabled")
	}
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
}

// Supermetrics, "Restrictions": a shared key identifies as its user. Without
// one, or after that user's deletion, it identifies as the first OWNER or ADMIN
// and still works.
func TestSupermetricsSharedIdentity(t *testing.T) {
	line(t, "supermetrics/shared-identity")
	first := stacktest.JSON[struct{ User stacktest.User }](t, owner.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	owner.CreateUser(t, address(), "ADMIN")
	user := owner.CreateUser(t, address(), "MEMBER")
	as, key := add(t, admin, stacktest.Member{"key_type": "query", "scope_names": "AccessQueries"})
	if got := identity(t, as); got != first.ID {
		t.Errorf("the key identifies as %q, want %q", got, first.ID)
	}
	patch(t, admin, key.ID, stacktest.Member{"behalf_of_user_id": teamUserID(user)})
	becomes(t, as, user.ID)
	owner.Do(t, http.MethodDelete, "/v1/users/"+user.ID, "").Want(t, http.StatusNoContent)
	becomes(t, as, first.ID)
	if got := keyIn(t, admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK)); !got.Enabled || got.BehalfOf != nil {
		t.Errorf("%+v", got)
	}
}

// identity returns the user whom the demo API sees.
func identity(t *testing.T, as stacktest.Client) string {
	t.Helper()
	return stacktest.JSON[struct{ UserID string }](t, command(t, as).Want(t, http.StatusOK)).UserID
}

// becomes waits for the demo API to see that user.
func becomes(t *testing.T, as stacktest.Client, user string) {
	t.Helper()
	within(t, http.StatusOK, func() stacktest.Answer {
		answer := command(t, as).Want(t, http.StatusOK)
		if stacktest.JSON[struct{ UserID string }](t, answer).UserID != user {
			answer.Status = 0
		}
		return answer
	})
}

// Supermetrics, "Restrictions": enabled and disabled keys both count.
func TestSupermetricsLimit(t *testing.T) {
	line(t, "supermetrics/limit", "supermetrics/limit-exceeded")
	count, _ := organization(t)["keyCount"].(float64)
	settings(t, func(s stacktest.Member) { s["maxKeys"] = int(count) + 2 })
	add(t, admin, stacktest.Member{})
	_, key := add(t, admin, stacktest.Member{"is_enabled": false})
	wantError(t, admin.Do(t, http.MethodPost, apiKey, `{}`), http.StatusForbidden, "API_KEY_LIMIT_EXCEEDED")
	patch(t, admin, key.ID, stacktest.Member{"description": "a full team can change its keys"})
	admin.Delete(t, canonicalID(key.ID))
	add(t, admin, stacktest.Member{})
}

// Supermetrics, "Errors": each code is returned for what it documents.
func TestSupermetricsErrors(t *testing.T) {
	line(t, "supermetrics/ip-invalid", "supermetrics/scope-invalid", "supermetrics/user-invalid", "supermetrics/not-found")
	_, key := add(t, admin, stacktest.Member{})
	cases := map[string][]stacktest.Member{"API_KEY_ALLOW_IP_INVALID": {}, "API_KEY_SCOPE_NAME_INVALID": {}, "API_KEY_USER_INVALID": {}}
	for _, address := range []string{"::1", "2001:db8::/32", "::ffff:127.0.0.1", "10.0.0.1/8", "10.0.0.0/08", "010.0.0.1", "10.0.0.0/33", "10.0.0.1:80", "localhost", ""} {
		cases["API_KEY_ALLOW_IP_INVALID"] = append(cases["API_KEY_ALLOW_IP_INVALID"], stacktest.Member{"allow_ips": address}, stacktest.Member{"allow_ips": []string{"10.0.0.1", address}})
	}
	for _, scope := range []string{"ds_queries", "DS_QUERIES_RUN", "*", ""} {
		cases["API_KEY_SCOPE_NAME_INVALID"] = append(cases["API_KEY_SCOPE_NAME_INVALID"], stacktest.Member{"scope_names": scope}, stacktest.Member{"scope_names": []string{scopes[0], scope}})
	}
	for _, user := range []string{"usr_1", "usr_73000000000040008000000000000001", "apk_" + key.ID[4:], "info@example.com"} {
		cases["API_KEY_USER_INVALID"] = append(cases["API_KEY_USER_INVALID"], stacktest.Member{"behalf_of_user_id": user})
	}
	for code, bodies := range cases {
		for _, body := range bodies {
			wantError(t, admin.Send(t, http.MethodPost, apiKey, body), http.StatusBadRequest, code)
			wantError(t, admin.Send(t, http.MethodPatch, apiKey+"/"+key.ID, body), http.StatusBadRequest, code)
		}
	}
	wantError(t, admin.Do(t, http.MethodPost, apiKey, `{"key_type":"user"}`), http.StatusBadRequest, "API_KEY_USER_INVALID")
	for _, id := range []string{"apk_1", "apk_73000000000040008000000000000001", strings.ToUpper(key.ID), key.ID[4:]} {
		wantError(t, admin.Do(t, http.MethodGet, apiKey+"/"+id, ""), http.StatusNotFound, "API_KEY_NOT_FOUND")
		wantError(t, admin.Do(t, http.MethodPatch, apiKey+"/"+id, `{}`), http.StatusNotFound, "API_KEY_NOT_FOUND")
	}
	after := keyIn(t, admin.Do(t, http.MethodGet, apiKey+"/"+key.ID, "").Want(t, http.StatusOK))
	if len(after.ScopeNames) > 0 || len(after.AllowIPs) > 0 || after.BehalfOf != nil {
		t.Errorf("a refused change was made: %+v", after)
	}
}
