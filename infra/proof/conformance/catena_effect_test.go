package conformance

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Catena, "Update or delete API keys": another policy changes a key's
// permissions at once. Settings from another format stay.
func TestCatenaChangeOfPolicy(t *testing.T) {
	line(t, "catena/change-policy")
	queries, files := catenaPolicy(t, "queries", "AccessQueries"), catenaPolicy(t, "files", "ManageFiles")
	as, key := catenaCreate(t, "changes policy", queries.ID)
	command(t, as).Want(t, http.StatusOK)
	upload(t, as).Want(t, http.StatusForbidden)
	change := stacktest.Member{"name": "changes policy", "policy_id": files.ID}
	admin.Send(t, http.MethodPut, catenaKeys+"/"+key.ID, change).Want(t, http.StatusOK)
	within(t, http.StatusForbidden, func() stacktest.Answer { return command(t, as) })
	upload(t, as).Want(t, http.StatusOK)

	admin.Do(t, http.MethodPatch, "/v1/apikeys/"+key.ID, `{"enabled":false}`).Want(t, http.StatusOK)
	admin.Send(t, http.MethodPut, catenaKeys+"/"+key.ID, change).Want(t, http.StatusOK)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return upload(t, as) })
	admin.Send(t, http.MethodPut, catenaKeys+"/"+key.ID, stacktest.Member{"name": "changes policy"}).Want(t, http.StatusBadRequest)
}

// Catena, "Permissions": changed permissions of a policy apply to all its keys
// at once.
func TestCatenaChangeOfPermissions(t *testing.T) {
	line(t, "catena/change-permissions")
	policy := catenaPolicy(t, "changes", "AccessQueries")
	first, _ := catenaCreate(t, "first", policy.ID)
	second, _ := catenaCreate(t, "second", policy.ID)
	for _, as := range []stacktest.Client{first, second} {
		command(t, as).Want(t, http.StatusOK)
	}
	admin.Send(t, http.MethodPut, catenaPolicies+"/"+policy.ID, stacktest.Member{"name": "changes", "permissions": []string{"ManageFiles"}}).Want(t, http.StatusOK)
	for _, as := range []stacktest.Client{first, second} {
		within(t, http.StatusForbidden, func() stacktest.Answer { return command(t, as) })
		upload(t, as).Want(t, http.StatusOK)
	}
}

// Catena, "Update or delete API keys": a deleted key loses access at once.
func TestCatenaDelete(t *testing.T) {
	line(t, "catena/delete")
	policy := catenaPolicy(t, "stays", "AccessQueries")
	as, key := catenaCreate(t, "goes", policy.ID)
	command(t, as).Want(t, http.StatusOK)
	admin.Do(t, http.MethodDelete, catenaKeys+"/"+key.ID, "").Want(t, http.StatusNoContent)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	gone := admin.Do(t, http.MethodDelete, catenaKeys+"/"+key.ID, "").Want(t, http.StatusNotFound)
	if e := stacktest.JSON[catenaError](t, gone); e.Error.Code != "API_KEY_NOT_FOUND" {
		t.Errorf("%s", gone.Body)
	}
	admin.Do(t, http.MethodGet, catenaPolicies+"/"+policy.ID, "").Want(t, http.StatusOK)
}

// Catena, "Managing policies": deleting a policy deletes all its keys and their
// access, without a confirmation; the canonical format asks for one.
func TestCatenaCascade(t *testing.T) {
	line(t, "catena/cascade")
	policy := catenaPolicy(t, "falls", "AccessQueries")
	one, first := catenaCreate(t, "falls too", policy.ID)
	two, second := catenaCreate(t, "and this", policy.ID)
	other := admin.Create(t, "stands", "AccessQueries")
	for _, as := range []stacktest.Client{one, two} {
		command(t, as).Want(t, http.StatusOK)
	}
	asked := admin.Do(t, http.MethodDelete, "/v1/policies/"+policy.ID, "").Want(t, http.StatusConflict)
	if use := stacktest.JSON[struct{ KeyCount int }](t, asked); use.KeyCount != 2 {
		t.Errorf("the canonical format does not tell of two keys: %s", asked.Body)
	}
	admin.Do(t, http.MethodDelete, catenaPolicies+"/"+policy.ID, "").Want(t, http.StatusNoContent)
	for _, as := range []stacktest.Client{one, two} {
		within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	}
	for _, id := range []string{first.ID, second.ID} {
		admin.Do(t, http.MethodGet, catenaKeys+"/"+id, "").Want(t, http.StatusNotFound)
	}
	command(t, admin.With(other.APIKey)).Want(t, http.StatusOK)
}

// Catena: the document's operations have its names, and an unknown route is a
// 404 in its format.
func TestCatenaOperations(t *testing.T) {
	line(t, "catena/operations")
	document := stacktest.JSON[struct {
		Paths map[string]map[string]struct{ OperationID string }
	}](t, admin.Do(t, http.MethodGet, "/v1/openapi.json", "").Want(t, http.StatusOK))
	for name, route := range map[string][2]string{
		"AdminCreateApiKey": {"post", catenaKeys}, "AdminUpdateApiKey": {"put", catenaKeys + "/{id}"},
		"AdminDeleteApiKey": {"delete", catenaKeys + "/{id}"}, "AdminGetApiKeyPolicies": {"get", catenaPolicies},
		"AdminGetApiKeyPermissions": {"get", catenaKeys + "/permissions"},
	} {
		if got := document.Paths[route[1]][route[0]].OperationID; got != name {
			t.Errorf("%s %s is %q, want %s", route[0], route[1], got, name)
		}
	}
	for _, path := range []string{"/api/v1/nothing", catenaKeys + "/a/b/c"} {
		answer := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusNotFound)
		if e := stacktest.JSON[catenaError](t, answer); e.Error.Code != "NOT_FOUND" {
			t.Errorf("GET %s: %s", path, answer.Body)
		}
	}
}

// Catena: the document's own samples run unchanged except for the host. They
// omit the credential, which curl's configuration adds.
func TestCatenaSamples(t *testing.T) {
	line(t, "catena/samples")
	home := t.TempDir()
	configuration := "silent\nshow-error\nheader = \"Authorization: " + admin.Authorization + "\"\n"
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"policies": `{"policies":[`, "permissions": `{"permissions":[{`} {
		script, err := os.ReadFile(filepath.Join("testdata", "catena", name+".sh"))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.ReplaceAll(string(script), "http://localhost:5000", admin.URL)
		process := exec.CommandContext(t.Context(), "sh", "-c", changed)
		process.Env = append(os.Environ(), "CURL_HOME="+home, "no_proxy=*")
		output, err := process.CombinedOutput()
		if err != nil || changed == string(script) {
			t.Fatalf("%s: %v\n%s", name, err, output)
		}
		if !strings.HasPrefix(string(output), "HTTP/1.1 200 ") || !strings.Contains(string(output), want) {
			t.Errorf("%s: %s", name, output)
		}
	}
}
