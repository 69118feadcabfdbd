package upgrade

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

const (
	files    = "/v1/files" // needs ManageFiles
	commands = "/api"      // needs AccessQueries
)

// Every version's data works with today's version. Its keys open exactly what
// they opened before, and all can be listed, changed, counted, found in the
// audit log and revoked.
func TestDataOfOlderVersions(t *testing.T) {
	recorded, err := filepath.Glob("testdata/*.json")
	if err != nil || len(recorded) < 3 {
		t.Fatalf("%d versions' data, error %v", len(recorded), err)
	}
	for _, file := range recorded {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			u := upgraded(t, file)
			t.Run("keys", u.keys)
			t.Run("lists", u.lists)
			t.Run("changes", u.changes)
			t.Run("quota", u.quota)
			t.Run("revocation", u.revocation)
			t.Run("audit", u.audit)
		})
	}
}

// deployment is a version's data with today's version.
type deployment struct {
	Data
	stack *stacktest.Stack
	// admin has the key from the data, owner a new one.
	admin, owner stacktest.Client
}

func upgraded(t *testing.T, file string) deployment {
	t.Helper()
	data, err := readData(file)
	if err != nil {
		t.Fatal(err)
	}
	s := started(t, data)
	if s.AdminKey != data.AdminKey {
		t.Fatal("the upgrade has made another admin key")
	}
	return deployment{data, s, s.Admin(), ownerOf(t, s)}
}

// started returns today's version running on data.
func started(t *testing.T, data Data) *stacktest.Stack {
	t.Helper()
	folder := t.TempDir()
	if err := data.restore(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	s, err := stacktest.Start(stack.Options{DataDir: folder, Environment: map[string]string{operations.EnvCacheTTL: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// ownerOf creates another admin key with bootstrap. An organization of the first
// version gets an owner in this way, because its keys hold no later permissions.
func ownerOf(t *testing.T, s *stacktest.Stack) stacktest.Client {
	t.Helper()
	event, err := json.Marshal(demo.Setup(stack.Account, "After the upgrade"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.Invoke(t.Context(), "bootstrap", event)
	if err != nil {
		t.Fatal(err)
	}
	var result canonical.SetupResult
	if err := json.Unmarshal(answer, &result); err != nil || result.AdminKey == nil {
		t.Fatalf("%v: no admin key", err)
	}
	return s.Admin().With(string(result.AdminKey.Text))
}

// has reports whether the version supported something.
func (d deployment) has(name string) bool { return d.Made[name] != Made{} }

// use calls the demo's API with a key from the data.
func (d deployment) use(t *testing.T, name, path string, want int) {
	t.Helper()
	if !d.has(name) {
		return
	}
	answer := d.admin.With(d.Made[name].Text).Do(t, http.MethodPost, path, `{"command":"list"}`)
	if answer.Status != want {
		t.Errorf("%s at %s: status %d, want %d", name, path, answer.Status, want)
	}
}

func (d deployment) keys(t *testing.T) {
	for _, c := range []struct {
		name            string
		files, commands int
	}{
		{Uploader, 200, 403}, {Renamed, 200, 403}, {Deleted, 401, 401}, {Disabled, 401, 401},
		{Elsewhere, 403, 403}, {Recoverable, 200, 403}, {Personal, 403, 200}, {Analyst, 403, 200},
	} {
		d.use(t, c.name, files, c.files)
		d.use(t, c.name, commands, c.commands)
	}
	if d.has(Recoverable) {
		shown := stacktest.JSON[stacktest.Key](t, d.owner.Do(t, http.MethodPost, "/v1/apikeys/"+d.Made[Recoverable].ID+"/reveal", "").Want(t, http.StatusOK))
		if shown.APIKey != d.Made[Recoverable].Text {
			t.Error("revealed another key")
		}
	}
}

func (d deployment) lists(t *testing.T) {
	listed(t, d.admin, "/v1/apikeys") // as it could before
	for path, names := range map[string][]string{
		"/v1/apikeys":  {Uploader, Renamed, Disabled, Elsewhere, Recoverable, Personal, Analyst},
		"/v1/policies": {Analysts}, "/v1/users": {Person}, "/v1/services": {Reports},
	} {
		ids := listed(t, d.owner, path)
		for _, name := range names {
			if d.has(name) && !slices.Contains(ids, d.Made[name].ID) {
				t.Errorf("%s does not list %s", path, name)
			}
		}
		if path == "/v1/apikeys" && slices.Contains(ids, d.Made[Deleted].ID) {
			t.Error("a deleted key is listed")
		}
	}
}

// listed returns the ids of a whole list.
func listed(t *testing.T, c stacktest.Client, path string) []string {
	t.Helper()
	page := stacktest.JSON[struct{ Items []struct{ ID string } }](t, c.Do(t, http.MethodGet, path+"?limit=100", "").Want(t, http.StatusOK))
	var ids []string
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// owner checks that bootstrap with another name gives the owner a key with all
// of today's permissions, which the first version's admin key does not hold.

// changes checks that stored records can be changed, and that the change takes
// effect.
func (d deployment) changes(t *testing.T) {
	d.owner.Do(t, http.MethodPatch, "/v1/apikeys/"+d.Made[Uploader].ID, `{"permissions":["ManageFiles","AccessQueries"]}`).Want(t, http.StatusOK)
	d.use(t, Uploader, commands, http.StatusOK)
	if !d.has(Analysts) {
		return
	}
	d.owner.Do(t, http.MethodPut, "/v1/policies/"+d.Made[Analysts].ID, `{"name":"analysts","permissions":["ManageFiles"]}`).Want(t, http.StatusOK)
	d.use(t, Analyst, files, http.StatusOK)
	d.use(t, Analyst, commands, http.StatusForbidden)
	d.owner.Do(t, http.MethodPut, "/v1/users/"+d.Made[Person].ID, `{"email":"person@example.com","name":"New name","role":"MEMBER","permissions":["ManageFiles"]}`).Want(t, http.StatusOK)
	d.use(t, Personal, files, http.StatusOK)
	d.use(t, Personal, commands, http.StatusForbidden)
	d.owner.Do(t, http.MethodPut, "/v1/services/"+Reports, `{"name":"Reports","apis":[{"account":"123456789012","id":"otherapi"}]}`).Want(t, http.StatusOK)
	d.owner.Do(t, http.MethodDelete, "/v1/services/"+Reports, "").Want(t, http.StatusNoContent)
}

// quota checks that the count equals the number of keys, and continues from
// there.
func (d deployment) quota(t *testing.T) {
	type counted struct{ KeyCount int }
	count := func() int {
		return stacktest.JSON[counted](t, d.owner.Do(t, http.MethodGet, "/v1/organization", "").Want(t, http.StatusOK)).KeyCount
	}
	before := count()
	if n := len(listed(t, d.owner, "/v1/apikeys")); n != before {
		t.Errorf("the organization counts %d keys of %d", before, n)
	}
	if d.has(Analysts) {
		policy := d.owner.Do(t, http.MethodGet, "/v1/policies/"+d.Made[Analysts].ID, "").Want(t, http.StatusOK)
		if n := stacktest.JSON[counted](t, policy).KeyCount; n != 1 {
			t.Errorf("the policy counts %d keys of 1", n)
		}
	}
	d.owner.Send(t, http.MethodPut, "/v1/organization", stacktest.Member{
		"name": "Demo", "keyPrefix": "kw", "maxKeys": before + 1, "recoverable": true, "maxKeyLifetimeSeconds": 0,
	}).Want(t, http.StatusOK)
	d.owner.Create(t, "the last", "ManageFiles")
	d.owner.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"too many","permissions":[]}`).Want(t, http.StatusForbidden)
	if n := count(); n != before+1 {
		t.Errorf("the organization counts %d keys of %d", n, before+1)
	}
}

// revocation checks that a deleted key is refused, whatever it depends on.
func (d deployment) revocation(t *testing.T) {
	for _, name := range []string{Uploader, Renamed, Recoverable, Personal} {
		if d.has(name) {
			d.owner.Do(t, http.MethodDelete, "/v1/apikeys/"+d.Made[name].ID, "").Want(t, http.StatusNoContent)
		}
	}
	if d.has(Analysts) {
		d.owner.Do(t, http.MethodDelete, "/api/v1/api_keys/policies/"+d.Made[Analysts].ID, "").Want(t, http.StatusNoContent)
	}
	for _, name := range []string{Uploader, Renamed, Recoverable, Personal, Analyst} {
		d.use(t, name, files, http.StatusUnauthorized)
	}
}

// audit checks that every record of the old version still exists and can be
// found.
func (d deployment) audit(t *testing.T) {
	actions := map[string]string{}
	for cursor := ""; ; {
		page := stacktest.JSON[canonical.AuditEventList](t, d.owner.Do(t, http.MethodGet, "/v1/audit-events?limit=100"+cursor, "").Want(t, http.StatusOK))
		for _, event := range page.Items {
			actions[event.ID] = string(event.Action)
		}
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + page.NextCursor
	}
	for _, item := range d.Tables[schema.AuditTableName] {
		_, id, _ := strings.Cut(item[schema.SortKey]["S"].(string), "#")
		if actions[id] != item["action"]["S"] {
			t.Errorf("the record %s of %s reads as %q", id, item["action"]["S"], actions[id])
		}
	}
}
