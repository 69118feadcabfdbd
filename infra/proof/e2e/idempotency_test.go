package e2e

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Of many equal requests at once with one Idempotency-Key, one creates the key,
// and all get it whole. It works, and no table holds its text.
func TestRepeatedCreation(t *testing.T) {
	as := tenant(t, "idempotency")
	body := `{"name":"once","permissions":["ManageApiKeys"]}`
	answers := make([]stacktest.Answer, 10)
	var group sync.WaitGroup
	for n := range answers {
		group.Go(func() {
			answers[n] = as.Do(t, http.MethodPost, "/v1/apikeys", body, "Idempotency-Key", "5b9d2c57-4e0f-4b60-9f39-2b6b8b1d7c11")
		})
	}
	group.Wait()
	key, created := stacktest.JSON[stacktest.Key](t, answers[0]), 0
	for _, answer := range answers {
		again := stacktest.JSON[stacktest.Key](t, answer.Want(t, http.StatusCreated))
		if again.ID != key.ID || again.APIKey != key.APIKey || again.APIKey == "" {
			t.Errorf("another key: %s", again.ID)
		}
		if answer.Header.Get("Idempotent-Replayed") == "" {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%d requests created the key", created)
	}
	admin.With(key.APIKey).Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	kept := tables(t)
	for _, form := range []string{key.APIKey, base64.StdEncoding.EncodeToString([]byte(key.APIKey))} {
		if strings.Contains(kept, form) {
			t.Error("a table holds the key's text")
		}
	}
	if !strings.Contains(kept, "IDEMPOTENT#") {
		t.Error("no table holds the outcome")
	}

	const other = `{"name":"other","permissions":[]}`
	again := as.Do(t, http.MethodPost, "/v1/apikeys", other, "Idempotency-Key", "5b9d2c57-4e0f-4b60-9f39-2b6b8b1d7c11").Want(t, http.StatusUnprocessableEntity)
	if problem := stacktest.JSON[stacktest.Problem](t, again); problem.Code != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("%+v", problem)
	}
	admin.With(key.APIKey).Do(t, http.MethodPost, "/v1/apikeys", other, "Idempotency-Key", "5b9d2c57-4e0f-4b60-9f39-2b6b8b1d7c11").Want(t, http.StatusCreated)
}
