package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
)

// rotated rotates a key as a client, and returns it with its new text.
func rotated(t *testing.T, as stacktest.Client, id, body string) stacktest.Key {
	t.Helper()
	return stacktest.JSON[stacktest.Key](t, as.Do(t, http.MethodPost, "/v1/apikeys/"+id+"/rotate", body).Want(t, http.StatusOK))
}

// A key is rotated without a moment in which no secret works: during the overlap
// both do, and after it has been ended, within the bound, only the new one. The
// copy of a recoverable key changes with it. A key with SelfRotate rotates
// itself, and the text that it had before cannot do it again.
func TestRotation(t *testing.T) {
	as := tenant(t, "rotation")
	policy := as.CreatePolicy(t, "self", "SelfRotate")
	first := as.CreateKey(t, stacktest.Member{"name": "rotating", "policyId": policy.ID, "recoverable": true})
	second := rotated(t, as, first.ID, `{"overlapSeconds":3600}`)
	status := func(key stacktest.Key) int {
		return admin.With(key.APIKey).Do(t, http.MethodGet, "/v1/whoami", "").Status
	}
	if before, after := status(first), status(second); before != http.StatusOK || after != http.StatusOK || first.APIKey == second.APIKey {
		t.Errorf("during the overlap: %d and %d", before, after)
	}
	revealed := stacktest.JSON[stacktest.Key](t, as.Do(t, http.MethodPost, "/v1/apikeys/"+first.ID+"/reveal", "").Want(t, http.StatusOK))
	if revealed.APIKey != second.APIKey {
		t.Error("the old text is revealed")
	}
	refused := as.Do(t, http.MethodPost, "/v1/apikeys/"+first.ID+"/rotate", "").Want(t, http.StatusConflict)
	if !strings.Contains(string(refused.Body), "PREVIOUS_SECRET_LIVE") {
		t.Errorf("refused with %s", refused.Body)
	}
	as.Do(t, http.MethodDelete, "/v1/apikeys/"+first.ID+"/secrets/previous", "").Want(t, http.StatusNoContent)
	// No answer of the authorizer is fresh enough to help the old text here.
	old := admin.With(first.APIKey).Do(t, http.MethodPost, "/v1/apikeys/"+first.ID+"/rotate", "")
	if old.Status != http.StatusUnauthorized {
		t.Errorf("the ended text rotates its key: %d", old.Status)
	}
	await.Until(t, "the old text is refused", func() bool { return status(first) == http.StatusUnauthorized })
	third := rotated(t, admin.With(second.APIKey), first.ID, "")
	if status(third) != http.StatusOK {
		t.Error("the key's own rotation gives no text that works")
	}
	await.Until(t, "the second text is refused", func() bool { return status(second) == http.StatusUnauthorized })
}
