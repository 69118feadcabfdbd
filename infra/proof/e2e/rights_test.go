package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// These tests use the functions' rights that no other test of this package uses.
// A test of package plan demands that an unused right is removed.

// tenant creates an organization whose APIs may be registered, with a service
// without permissions, and returns a client with its owner's key.
func tenant(t *testing.T, id string) stacktest.Client {
	t.Helper()
	setup := demo.Setup(stack.Account, "Admin")
	setup.Organization.ID, setup.Organization.Accounts = id, []string{stack.Account}
	setup.Services = []canonical.SetupService{{ID: "first", ServiceParts: canonical.ServiceParts{
		Name: "First", Permissions: []canonical.Permission{}, APIs: []canonical.API{}, Routes: []canonical.Route{},
		GatewayCache: &canonical.GatewayCache{By: []string{}},
	}}}
	return bootstrapped(t, setup)
}

// register registers a service with one API and its permissions; a withdrawn
// permission is removed from its holders.
func register(t *testing.T, as stacktest.Client, id string, apis []string, permissions ...string) {
	t.Helper()
	body := stacktest.Member{"name": id, "routes": []string{}}
	declared, registered := []stacktest.Member{}, []stacktest.Member{}
	for _, name := range permissions {
		declared = append(declared, stacktest.Member{"name": name, "description": ""})
	}
	for _, api := range apis {
		registered = append(registered, stacktest.Member{"account": stack.Account, "id": api})
	}
	body["permissions"], body["apis"] = declared, registered
	if status := as.Send(t, http.MethodPut, "/v1/services/"+id+"?force=true", body).Status; status >= http.StatusMultipleChoices {
		t.Fatalf("status %d", status)
	}
}

// Services can be listed and shown, and can give up APIs. A change or deletion
// withdraws a permission from the keys, policies and users that hold it.
func TestRightsOfServices(t *testing.T) {
	as := tenant(t, "rights-services")
	register(t, as, "files", []string{"rights-1", "rights-2"}, "CanRead", "CanWrite")
	key := as.CreateKey(t, stacktest.Member{"name": "holder", "permissions": []string{"CanRead", "CanWrite"}})
	as.CreatePolicy(t, "holders", "CanRead", "CanWrite", "ManageApiKeys")
	as.CreateUser(t, "holder@example.com", "MEMBER", "CanRead", "CanWrite")
	as.Do(t, http.MethodGet, "/v1/services", "").Want(t, http.StatusOK)
	as.Do(t, http.MethodGet, "/v1/services/files", "").Want(t, http.StatusOK)
	register(t, as, "files", []string{"rights-1"}, "CanWrite")
	wantPermissions(t, as, key, "CanWrite")
	as.Do(t, http.MethodDelete, "/v1/services/files?force=true", "").Want(t, http.StatusNoContent)
	wantPermissions(t, as, key)
}

func wantPermissions(t *testing.T, as stacktest.Client, key stacktest.Key, want ...string) {
	t.Helper()
	got := stacktest.JSON[stacktest.Key](t, as.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusOK))
	if strings.Join(got.Permissions, " ") != strings.Join(want, " ") {
		t.Errorf("permissions %v, want %v", got.Permissions, want)
	}
}

// A person can read the organization, its permissions and its history, and
// change its settings.
func TestRightsOfOrganizations(t *testing.T) {
	as := tenant(t, "rights-organizations")
	settings := stacktest.JSON[stacktest.Member](t, as.Do(t, http.MethodGet, "/v1/organization", "").Want(t, http.StatusOK))
	settings["name"] = "Renamed"
	as.Send(t, http.MethodPut, "/v1/organization", settings).Want(t, http.StatusOK)
	for _, path := range []string{"/v1/permissions", "/v1/audit-events", "/v1/whoami", "/v1/apikeys"} {
		as.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)
	}
}

// A user can be created as an OWNER or become one, which disables the keys that
// others created for the user. A user can also get another address, and be
// deleted.
func TestRightsOfUsers(t *testing.T) {
	as := tenant(t, "rights-users")
	second := as.CreateUser(t, "second@example.com", "OWNER")
	as.Do(t, http.MethodDelete, "/v1/users/"+second.ID, "").Want(t, http.StatusNoContent)
	user := as.CreateUser(t, "user@example.com", "MEMBER")
	service := as.CreateKey(t, stacktest.Member{"name": "maker", "permissions": []string{"AdministerApiKeys"}})
	lent := admin.With(service.APIKey).CreateKey(t, stacktest.Member{"name": "lent", "type": "personal", "onBehalfOf": user.ID})
	body := stacktest.Member{"email": "other@example.com", "name": "Other", "role": "OWNER", "permissions": []string{}}
	as.Send(t, http.MethodPut, "/v1/users/"+user.ID, body).Want(t, http.StatusOK)
	admin.With(lent.APIKey).Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
	orphan := as.CreateUser(t, "orphan@example.com", "MEMBER")
	as.CreateKey(t, stacktest.Member{"name": "of orphan", "type": "personal", "onBehalfOf": orphan.ID})
	as.Do(t, http.MethodDelete, "/v1/users/"+orphan.ID, "").Want(t, http.StatusNoContent)
	as.Do(t, http.MethodGet, "/v1/users", "").Want(t, http.StatusOK)
	as.Do(t, http.MethodGet, "/v1/users/"+user.ID, "").Want(t, http.StatusOK)
}

// The first OWNER can step down, and be deleted; then another represents the
// organization.
func TestRightsOfRepresentatives(t *testing.T) {
	first := tenant(t, "rights-representatives")
	self := stacktest.JSON[struct{ User stacktest.User }](t, first.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	second := stacktest.JSON[stacktest.User](t, first.Send(t, http.MethodPost, "/v1/users",
		stacktest.Member{"email": "second@example.com", "name": "Second", "role": "OWNER", "permissions": []string{}}).Want(t, http.StatusCreated))
	body := stacktest.Member{"name": "of the second", "type": "personal", "onBehalfOf": second.ID}
	as := admin.With(stacktest.JSON[stacktest.Key](t, first.Send(t, http.MethodPost, "/v1/apikeys", body).Want(t, http.StatusCreated)).APIKey)
	set := func(role string) {
		as.Send(t, http.MethodPut, "/v1/users/"+self.ID, stacktest.Member{"email": self.Email, "name": "First", "role": role, "permissions": []string{}}).Want(t, http.StatusOK)
	}
	set("MEMBER")
	set("ADMIN")
	as.Do(t, http.MethodDelete, "/v1/users/"+self.ID, "").Want(t, http.StatusNoContent)
}

// PATCH can do what PUT can: rename the organization and a policy, change a
// user's address, make a user with a key an OWNER, and let the first OWNER step
// down.
func TestRightsOfPatches(t *testing.T) {
	first := tenant(t, "rights-patches")
	self := stacktest.JSON[struct{ User stacktest.User }](t, first.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	policy := stacktest.JSON[stacktest.Policy](t, first.Send(t, http.MethodPost, "/v1/policies",
		stacktest.Member{"name": "before", "permissions": []string{"ManageApiKeys"}}).Want(t, http.StatusCreated))
	first.Send(t, http.MethodPatch, "/v1/policies/"+policy.ID, stacktest.Member{"name": "after"}).Want(t, http.StatusOK)
	first.Send(t, http.MethodPatch, "/v1/organization", stacktest.Member{"name": "Renamed"}).Want(t, http.StatusOK)
	second := stacktest.JSON[stacktest.User](t, first.Send(t, http.MethodPost, "/v1/users",
		stacktest.Member{"email": "second@example.com", "name": "Second", "role": "MEMBER"}).Want(t, http.StatusCreated))
	personal := func(name string) stacktest.Key {
		body := stacktest.Member{"name": name, "type": "personal", "onBehalfOf": second.ID}
		return stacktest.JSON[stacktest.Key](t, first.Send(t, http.MethodPost, "/v1/apikeys", body).Want(t, http.StatusCreated))
	}
	personal("lent")
	change := stacktest.Member{"email": "other@example.com", "role": "OWNER"}
	first.Send(t, http.MethodPatch, "/v1/users/"+second.ID, change).Want(t, http.StatusOK)
	as := admin.With(personal("own").APIKey)
	as.Send(t, http.MethodPatch, "/v1/users/"+self.ID, stacktest.Member{"role": "MEMBER"}).Want(t, http.StatusOK)
}

// A person can use an access token instead of a key.
func TestRightsOfTokens(t *testing.T) {
	self := stacktest.JSON[struct{ User stacktest.User }](t, admin.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	as := admin.Authorized("Bearer " + issuer.Token(t, self.Email))
	again := stacktest.JSON[struct{ User stacktest.User }](t, as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	if again.ID != self.ID || self.ID == "" {
		t.Errorf("the token's user is %+v, the key's %+v", again, self)
	}
}

// A recoverable key can be deleted by itself. A policy can be shown and renamed.
// A key can be renamed and get another policy in one change, be revealed, and is
// deleted with its policy, including its encrypted copy.
func TestRightsOfPolicies(t *testing.T) {
	as := tenant(t, "rights-policies")
	before, after := as.CreatePolicy(t, "before", "ManageApiKeys"), as.CreatePolicy(t, "after", "ManageApiKeys")
	as.Delete(t, as.CreateKey(t, stacktest.Member{"name": "alone", "policyId": before.ID, "recoverable": true}).ID)
	as.Do(t, http.MethodGet, "/v1/policies", "").Want(t, http.StatusOK)
	as.Do(t, http.MethodGet, "/v1/policies/"+before.ID, "").Want(t, http.StatusOK)
	renamed := stacktest.Member{"name": "first", "description": "", "permissions": before.Permissions}
	as.Send(t, http.MethodPut, "/v1/policies/"+before.ID, renamed).Want(t, http.StatusOK)
	key := as.CreateKey(t, stacktest.Member{"name": "moved", "policyId": before.ID, "recoverable": true})
	as.Send(t, http.MethodPatch, "/v1/apikeys/"+key.ID, stacktest.Member{"name": "renamed", "policyId": after.ID}).Want(t, http.StatusOK)
	body := stacktest.Member{"name": "again", "policyId": before.ID}
	as.Send(t, http.MethodPut, "/v1/apikeys/"+key.ID, body).Want(t, http.StatusOK)
	as.Do(t, http.MethodPost, "/v1/apikeys/"+key.ID+"/reveal", "").Want(t, http.StatusOK)
	as.Remove(t, "/api/v1/api_keys/policies/"+before.ID)
	as.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusNotFound)
}

// The last key that can administer keys cannot be ended in any way without
// force: not by deletion, disabling, fewer permissions, or its policy.
func TestRightsOfTheLastAdministrator(t *testing.T) {
	as := tenant(t, "rights-last")
	own := stacktest.JSON[stacktest.Key](t, as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK))
	refused := func(as stacktest.Client, method, path, body string) {
		t.Helper()
		answer := as.Do(t, method, path, body).Want(t, http.StatusConflict)
		if !strings.Contains(string(answer.Body), "LAST_ADMIN_KEY") {
			t.Errorf("%s %s: %s", method, path, answer.Body)
		}
	}
	refused(as, http.MethodPatch, "/v1/apikeys/"+own.ID, `{"enabled":false}`)
	refused(as, http.MethodPut, "/v1/apikeys/"+own.ID, `{"name":"n","permissions":["ManageApiKeys"]}`)
	refused(as, http.MethodDelete, "/v1/apikeys/"+own.ID, "")
	policy := stacktest.JSON[stacktest.Policy](t, as.Send(t, http.MethodPost, "/v1/policies",
		stacktest.Member{"name": "administrators", "permissions": []string{"AdministerApiKeys", "AdministerPolicies"}}).Want(t, http.StatusCreated))
	other := admin.With(stacktest.JSON[stacktest.Key](t, as.Send(t, http.MethodPost, "/v1/apikeys",
		stacktest.Member{"name": "other", "policyId": policy.ID}).Want(t, http.StatusCreated)).APIKey)
	as.Do(t, http.MethodDelete, "/v1/apikeys/"+own.ID, "").Want(t, http.StatusNoContent)
	refused(other, http.MethodPatch, "/v1/policies/"+policy.ID, `{"permissions":["AdministerPolicies"]}`)
	refused(other, http.MethodPut, "/v1/policies/"+policy.ID, `{"name":"n","permissions":["AdministerPolicies"]}`)
	refused(other, http.MethodDelete, "/api/v1/api_keys/policies/"+policy.ID, "")
	other.Do(t, http.MethodDelete, "/api/v1/api_keys/policies/"+policy.ID+"?force=true", "").Want(t, http.StatusNoContent)
}

// A key in the wrong place gets an answer that says where to send it.
func TestHowToSendAKey(t *testing.T) {
	key := strings.TrimPrefix(admin.Authorization, "Bearer ")
	for name, answer := range map[string]stacktest.Answer{
		"X-API-Key":       admin.Authorized("").Do(t, http.MethodGet, "/v1/whoami", "", "X-API-Key", key),
		"no scheme":       admin.Authorized(key).Do(t, http.MethodGet, "/v1/whoami", ""),
		"query parameter": admin.Authorized("").Do(t, http.MethodGet, "/v1/whoami?api_key="+key, ""),
		"other API":       admin.Authorized(key).Do(t, http.MethodPost, "/v1/files", "{}"),
	} {
		answer.Want(t, http.StatusUnauthorized)
		for _, said := range []string{"Authorization: Bearer KEY", "X-API-Key"} {
			if !strings.Contains(string(answer.Body), said) {
				t.Errorf("%s: %s", name, answer.Body)
			}
		}
	}
}

// The sweep finishes both kinds of interrupted tasks: a withdrawn permission,
// and a deleted policy with a recoverable key.
func TestRightsOfTheSweep(t *testing.T) {
	as := tenant(t, "rights-sweep")
	org := apikey.OrgID("rights-sweep")
	policy := as.CreatePolicy(t, "doomed", "ManageApiKeys")
	doomed := as.CreateKey(t, stacktest.Member{"name": "doomed", "policyId": policy.ID, "recoverable": true})
	register(t, as, "files", nil, "CanRead")
	holder := as.CreateKey(t, stacktest.Member{"name": "holder", "permissions": []string{"CanRead"}})
	store := dynamo.New(dynamodb.Client(running.DynamoDBURL(), dynamodb.Patient), dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Secrets: schema.SecretsTableName, Usage: schema.UsageTableName,
	})
	begin := func(task apikey.Task, write apikey.Write) {
		id, err := uuid.Parse(policy.ID)
		if err == nil {
			id[0] ^= byte(len(task.Kind)) // any other id
			err = store.Commit(t.Context(), apikey.Change{
				Writes: []apikey.Write{write, apikey.BeginTask{Task: task}}, Audits: []apikey.AuditRecord{{ID: id, Org: org, At: time.Now().UTC().Truncate(time.Millisecond)}},
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	begin(deletion(t, store, org, policy.ID))
	begin(withdrawal(t, store, org, "CanRead"))
	old := time.Now().Add(apikey.ChangeTimeout + 2*time.Second)
	await.Until(t, "the keys are older than a creation takes", func() bool { return !time.Now().Before(old) })
	await.Until(t, "the sweep finishes", func() bool {
		if answer, err := running.Invoke(t.Context(), "sweep", []byte(`{}`)); err != nil {
			t.Logf("%v %s", err, answer)
		}
		tasks, _, err := store.Unfinished(t.Context())
		return err == nil && !strings.Contains(fmt.Sprint(tasks), string(org))
	})
	as.Do(t, http.MethodGet, "/v1/apikeys/"+doomed.ID, "").Want(t, http.StatusNotFound)
	wantPermissions(t, as, holder)
}

// deletion returns the first step of a policy's deletion, its tombstone.
func deletion(t *testing.T, store *dynamo.Store, org apikey.OrgID, policy string) (apikey.Task, apikey.Write) {
	t.Helper()
	id, err := uuid.Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	before, err := apikeytest.Lookup{Reader: store}.Policy(t.Context(), org, id)
	if err != nil {
		t.Fatal(err)
	}
	after := before
	after.Deleted, after.LastModifiedBy, after.LastModifiedOn = true, before.CreatedBy, before.CreatedOn
	after.Version++
	return apikey.Task{Org: org, Kind: apikey.TaskDeletePolicy, Target: policy}, apikey.ReplacePolicy{Before: before, After: after}
}

// withdrawal returns the first step of a permission's withdrawal.
func withdrawal(t *testing.T, store *dynamo.Store, org apikey.OrgID, name string) (apikey.Task, apikey.Write) {
	t.Helper()
	before, err := apikeytest.Lookup{Reader: store}.Organization(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	after := before
	after.Withdrawn = permission.NewSet(name)
	after.Version++
	return apikey.Task{Org: org, Kind: apikey.TaskWithdraw}, apikey.ReplaceOrganization{Before: before, After: after}
}
