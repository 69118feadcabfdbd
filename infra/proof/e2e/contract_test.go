package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

// HEAD is answered wherever GET is, including behind the authorizer, with GET's
// status and headers and without a body: for each operation that needs no id, and for
// errors.
func TestHead(t *testing.T) {
	for path, want := range map[string]int{"/v1/services/none": 404, "/v1/apikeys?limit=0": 400} {
		checkHead(t, path, want, http.StatusUnauthorized)
	}
	checkHead(t, "/enterprise/v2/none", 404, 404)
	for _, op := range operations.All() {
		for _, route := range op.Served() {
			if route.Method != http.MethodGet || strings.Contains(route.Path, "{") {
				continue
			}
			want := route.Status
			refused := http.StatusUnauthorized
			if op.Public {
				refused = want
			}
			checkHead(t, route.Path, want, refused)
		}
	}
}

// checkHead checks the status of a HEAD with a good key and with none.
func checkHead(t *testing.T, path string, want, refused int) {
	t.Helper()
	for authorization, status := range map[string]int{admin.Authorization: want, "Bearer none": refused} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, running.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", authorization)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != status || len(body) > 0 || err != nil || response.Header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: %d %v %q, %v; want %d", path, response.StatusCode, response.Header, body, err, status)
		}
	}
}

// A patch may be declared as a merge patch, for every resource that can be
// patched.
func TestMergePatches(t *testing.T) {
	key, user := admin.Create(t, "merged"), admin.CreateUser(t, "merged@example.com", "MEMBER")
	policy := stacktest.JSON[struct{ ID string }](t, admin.Do(t, http.MethodPost, "/v1/policies", `{"name":"merged","permissions":["ManageFiles"]}`).Want(t, http.StatusCreated))
	for _, path := range []string{"/v1/apikeys/" + key.ID, "/v1/users/" + user.ID, "/v1/policies/" + policy.ID} {
		admin.Do(t, http.MethodPatch, path, `{"name":"merged again"}`, "Content-Type", "application/merge-patch+json").Want(t, http.StatusOK)
		admin.Do(t, http.MethodDelete, path, "").Want(t, http.StatusNoContent)
	}
	org := stacktest.JSON[struct{ Name string }](t, admin.Do(t, http.MethodGet, "/v1/organization", "").Want(t, http.StatusOK))
	admin.Send(t, http.MethodPatch, "/v1/organization", stacktest.Member{"name": org.Name}).Want(t, http.StatusOK)
}

// A deleted service can be registered again, with the same permissions and under
// the functions' roles: at once, or as soon as recent changes are listed.
func TestServiceComesBack(t *testing.T) {
	as := tenant(t, "comes-back")
	for range 3 {
		await.Until(t, "the service is registered", func() bool {
			answer := as.Do(t, http.MethodPut, "/v1/services/back", `{"name":"Back","permissions":[{"name":"ComeBack"}]}`, "If-None-Match", "*")
			if answer.Status == http.StatusConflict && answer.Header.Get("Retry-After") != "300" { // no sweep is waited for
				return false
			}
			answer.Want(t, http.StatusCreated)
			return true
		})
		as.Do(t, http.MethodDelete, "/v1/services/back", "").Want(t, http.StatusNoContent)
	}
}
