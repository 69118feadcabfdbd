package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
)

// A deleted key is refused and can be restored; then it works again once it is
// enabled. The sweep removes it when its time is over, and without retention it
// is gone at once.
func TestRightsOfDeletedKeys(t *testing.T) {
	as := tenant(t, "rights-deleted")
	deleted := func(name string) (path string, key stacktest.Key) {
		key = as.CreateKey(t, stacktest.Member{"name": name, "permissions": []string{"ManageApiKeys"}, "recoverable": true})
		path = "/v1/apikeys/" + key.ID
		as.Do(t, http.MethodDelete, path, "").Want(t, http.StatusNoContent)
		as.Do(t, http.MethodGet, path, "").Want(t, http.StatusNotFound)
		return path, key
	}
	path, key := deleted("restored")
	whoami := func() int { return as.With(key.APIKey).Do(t, http.MethodGet, "/v1/whoami", "").Status }
	await.Until(t, "the deleted key is refused", func() bool { return whoami() == http.StatusUnauthorized })
	// The index follows within about a second.
	await.Until(t, "the deleted key is listed", func() bool {
		listed := as.Do(t, http.MethodGet, "/v1/apikeys?state=deleted", "").Want(t, http.StatusOK)
		return strings.Contains(string(listed.Body), key.ID) && strings.Contains(string(listed.Body), `"purgeOn"`)
	})
	sorted := as.Do(t, http.MethodGet, "/v1/apikeys?sort=lastUsedOn&neverUsed=true", "").Want(t, http.StatusOK)
	if strings.Contains(string(sorted.Body), key.ID) {
		t.Errorf("a deleted key is listed: %s", sorted.Body)
	}
	back := as.Do(t, http.MethodPost, path+"/restore", "").Want(t, http.StatusOK)
	if !strings.Contains(string(back.Body), `"enabled":false`) {
		t.Errorf("restored %s", back.Body)
	}
	as.Do(t, http.MethodPost, path+"/restore", "").Want(t, http.StatusConflict)
	as.Do(t, http.MethodPatch, path, `{"enabled":true}`).Want(t, http.StatusOK)
	await.Until(t, "the restored key works", func() bool { return whoami() == http.StatusOK })

	as.Do(t, http.MethodPatch, "/v1/organization", `{"retentionSeconds":1}`).Want(t, http.StatusOK)
	path, _ = deleted("swept")
	await.Until(t, "the sweep removes the key", func() bool {
		if answer, err := running.Invoke(t.Context(), "sweep", []byte(`{}`)); err != nil {
			t.Logf("%v %s", err, answer)
		}
		log := as.Do(t, http.MethodGet, "/v1/audit-events?action=apikey.purge", "").Want(t, http.StatusOK)
		return strings.Contains(string(log.Body), strings.TrimPrefix(path, "/v1/apikeys/"))
	})
	as.Do(t, http.MethodPost, path+"/restore", "").Want(t, http.StatusNotFound)
	as.Do(t, http.MethodPatch, "/v1/organization", `{"retentionSeconds":0}`).Want(t, http.StatusOK)
	path, _ = deleted("gone at once")
	as.Do(t, http.MethodPost, path+"/restore", "").Want(t, http.StatusNotFound)
}
