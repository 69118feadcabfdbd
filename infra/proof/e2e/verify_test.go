package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// askedUpload is the question whether a key may upload to the demo service.
const askedUpload = `,"service":"demo","method":"POST","route":"/v1/files","source":"192.0.2.1"`

func verified(t *testing.T, as stacktest.Client, body string) canonical.Verified {
	t.Helper()
	return stacktest.JSON[canonical.Verified](t, as.Do(t, http.MethodPost, "/v1/verify", body).Want(t, http.StatusOK))
}

func introspected(t *testing.T, as stacktest.Client, form url.Values) string {
	t.Helper()
	answer := as.Do(t, http.MethodPost, "/v1/introspect", form.Encode(), "Content-Type", "application/x-www-form-urlencoded").Want(t, http.StatusOK)
	if cache := answer.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q", cache)
	}
	return string(answer.Body)
}

// A key with VerifyApiKeys alone asks about another key, and is told what the demo
// API does with that key. A revoked key is refused at once, without
// the authorizer's bound, and no answer may be kept for longer than that bound.
func TestVerify(t *testing.T) {
	service := admin.With(admin.Create(t, "verifies", "VerifyApiKeys").APIKey)
	for permission, want := range map[string]string{"ManageFiles": "", "ViewTables": "PERMISSION_MISSING"} {
		key := admin.Create(t, "verified "+permission, permission)
		got := verified(t, service, fmt.Sprintf(`{"authorization":"Bearer %s"%s}`, key.APIKey, askedUpload))
		if got.Code != want || got.Valid != (want == "") || got.KeyID != key.ID || got.TTLSeconds > int(cacheTTL/time.Second) {
			t.Errorf("%s: %+v", permission, got)
		}
		status := admin.With(key.APIKey).Do(t, http.MethodPost, "/v1/files", upload, multipart...).Status
		if got.Valid != (status == http.StatusOK) || !got.Valid && status != http.StatusForbidden {
			t.Errorf("%s: the API itself answers %d", permission, status)
		}
		if active := introspected(t, service, url.Values{"token": {key.APIKey}}); !strings.Contains(active, `"scope":"`+permission+`"`) {
			t.Errorf("%s: %s", permission, active)
		}
		admin.Delete(t, key.ID)
		await.Until(t, "the answers know of the deletion", func() bool {
			return !verified(t, service, fmt.Sprintf(`{"key":%q}`, key.APIKey)).Valid && introspected(t, service, url.Values{"token": {key.APIKey}}) == `{"active":false}`
		})
		if got := verified(t, service, fmt.Sprintf(`{"key":%q%s}`, key.APIKey, askedUpload)); got.Code != "KEY_DELETED" || got.TTLSeconds != 0 {
			t.Errorf("%s, deleted: %+v", permission, got)
		}
		if got := introspected(t, service, url.Values{"token": {key.APIKey}}); got != `{"active":false}` {
			t.Errorf("%s, deleted: %s", permission, got)
		}
	}
	service.Do(t, http.MethodPost, "/v1/verify", `{"key":"junk","explain":true}`).Want(t, http.StatusForbidden)
	service.Do(t, http.MethodPost, "/v1/introspect", `{"token":"junk"}`).Want(t, http.StatusUnsupportedMediaType)
	nobody := admin.With(admin.Create(t, "verifies nothing", "AdministerApiKeys").APIKey)
	nobody.Do(t, http.MethodPost, "/v1/verify", `{"key":"junk"}`).Want(t, http.StatusForbidden)
	nobody.Do(t, http.MethodPost, "/v1/introspect", `token=junk`, "Content-Type", "application/x-www-form-urlencoded").Want(t, http.StatusForbidden)
	admin.Authorized("").Do(t, http.MethodPost, "/v1/verify", `{"key":"junk"}`).Want(t, http.StatusUnauthorized)
}

// A hundred keys are answered in their order.
func TestVerifyHundred(t *testing.T) {
	good, junk := admin.Create(t, "one of a hundred", "ManageFiles").APIKey, strings.Repeat("x", 70)
	texts := []string{}
	for n := range 100 {
		texts = append(texts, fmt.Sprintf("%q", map[bool]string{true: good, false: junk}[n%2 == 0]))
	}
	got := verified(t, admin, `{"keys":[`+strings.Join(texts, ",")+`]`+askedUpload+`}`)
	for n, result := range got.Results {
		if result.Valid != (n%2 == 0) {
			t.Errorf("key %d: %+v", n, result)
		}
	}
	if len(got.Results) != 100 || got.Valid {
		t.Errorf("%d results, %t", len(got.Results), got.Valid)
	}
}

// Of another organization's key, both answers are byte for byte those of a key
// that does not exist, and no service of it can be asked about.
func TestVerifyAnotherOrganization(t *testing.T) {
	other := secondOrganization(t)
	theirs := strings.TrimPrefix(other.Authorization, "Bearer ")
	unknown := admin.Create(t, "to be unknown")
	hidden := other.Do(t, http.MethodPost, "/v1/verify", fmt.Sprintf(`{"key":%q,"explain":true}`, unknown.APIKey)).Want(t, http.StatusOK)
	foreign := admin.Do(t, http.MethodPost, "/v1/verify", fmt.Sprintf(`{"key":%q,"explain":true}`, theirs)).Want(t, http.StatusOK)
	never := admin.Do(t, http.MethodPost, "/v1/verify", `{"key":"acme_7EY7Fl2I4jwfICQYAUciZI8AHzhocfYLkNd9IoRX10uExU3LOva8fYejcRWl4QpsZ0","explain":true}`).Want(t, http.StatusOK)
	if string(foreign.Body) != string(never.Body) || string(hidden.Body) != string(never.Body) || !strings.Contains(string(never.Body), "KEY_UNKNOWN") {
		t.Errorf("%s, %s and %s", foreign.Body, hidden.Body, never.Body)
	}
	if got := introspected(t, admin, url.Values{"token": {theirs}}); got != `{"active":false}` {
		t.Errorf("introspected: %s", got)
	}
	other.Do(t, http.MethodPost, "/v1/verify", fmt.Sprintf(`{"key":%q%s}`, unknown.APIKey, askedUpload)).Want(t, http.StatusBadRequest)
}
