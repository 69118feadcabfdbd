package e2e

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// A creation that is sent again with its Idempotency-Key is answered with the
// same key, whole. It works, and no table holds its text.
func TestRepeatedCreation(t *testing.T) {
	as := tenant(t, "idempotency")
	create := func(as stacktest.Client, name string) stacktest.Answer {
		return as.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"`+name+`","permissions":["ManageApiKeys"]}`, "Idempotency-Key", "5b9d2c57-4e0f-4b60-9f39-2b6b8b1d7c11")
	}
	first := create(as, "once").Want(t, http.StatusCreated)
	again := create(as, "once").Want(t, http.StatusCreated)
	key := stacktest.JSON[stacktest.Key](t, first)
	if string(again.Body) != string(first.Body) || first.Header.Get("Idempotent-Replayed") != "" || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%v, then %v", first.Header, again.Header)
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

	refused := create(as, "other").Want(t, http.StatusUnprocessableEntity)
	if problem := stacktest.JSON[stacktest.Problem](t, refused); problem.Code != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("%+v", problem)
	}
	create(admin.With(key.APIKey), "other").Want(t, http.StatusCreated)
}
