package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// samplePermissions are those of the create sample, which names ManageTables
// twice.
const samplePermissions = `"AdministerQueries","ManageApiKeys","ManageDashboards","AccessQueries","ManageDataCubes",
	"AccessVisualization","ManageTables","ManageFiles","ManageIngestionJobs","ManageTables"`

const sampleKey = `{"name":"New API key","description":"New demo key","permissions":[` + samplePermissions + `]}`

// Polaris, "Authentication": a key is accepted as the user name of HTTP Basic
// with an empty password, and in plain text after the word Basic. Keyward also
// accepts it as a Bearer token.
func TestPolarisCredentials(t *testing.T) {
	line(t, "polaris/credentials")
	key := admin.Create(t, "credentials").APIKey
	for name, header := range map[string]string{
		"user of Basic": "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":")),
		"raw Basic":     "Basic " + key,
		"Bearer":        "Bearer " + key,
	} {
		t.Run(name, func(t *testing.T) {
			admin.Authorized(header).Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
		})
	}
}

// Polaris, "Create API keys": the answer has the document's fields, the
// permissions as a set, and the whole key. It names a creating key by its
// redacted form in lower case.
func TestPolarisCreate(t *testing.T) {
	line(t, "polaris/routes", "polaris/set", "polaris/forms", "polaris/actor", "polaris/modified", "polaris/times")
	answer := admin.Do(t, http.MethodPost, "/v1/apikeys", sampleKey).Want(t, http.StatusCreated)
	key := stacktest.JSON[stacktest.Key](t, answer)
	t.Cleanup(func() { admin.Delete(t, key.ID) })

	wantFields(t, answer.Body, "id", "name", "description", "apiKey", "redactedApiKey", "permissions", "createdBy", "lastModifiedBy", "createdOn")
	match(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, key.ID)
	match(t, `^[a-z][a-z0-9_]{1,15}_[0-9A-Za-z]{66}$`, key.APIKey)
	if want := key.APIKey[:9] + "..." + key.APIKey[len(key.APIKey)-6:]; key.RedactedAPIKey != want {
		t.Errorf("redacted %q, want %q", key.RedactedAPIKey, want)
	}
	if len(key.Permissions) != 9 || slices.Contains(key.Permissions, "") {
		t.Errorf("nine of the ten permissions are different; got %v", key.Permissions)
	}
	own := stacktest.JSON[stacktest.Key](t, admin.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK))
	if want := "api-key-" + strings.ToLower(own.RedactedAPIKey); key.CreatedBy.Username != want || key.CreatedBy.UserID != own.ID {
		t.Errorf("created by %+v, want %s, %s", key.CreatedBy, want, own.ID)
	}
	if !strings.Contains(string(answer.Body), `"lastModifiedBy":{}`) {
		t.Errorf("lastModifiedBy is not {}: %s", answer.Body)
	}
	wantTime(t, key.CreatedOn)
}

// Polaris, "Create API keys": the whole key is shown only at creation.
func TestPolarisShownOnce(t *testing.T) {
	line(t, "polaris/once", "polaris/routes")
	key := admin.Create(t, "shown once")
	for _, path := range []string{"/v1/apikeys", "/v1/apikeys/" + key.ID} {
		answer := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK)
		if strings.Contains(string(answer.Body), key.APIKey) || strings.Contains(string(answer.Body), `"apiKey"`) {
			t.Errorf("GET %s shows the key", path)
		}
		if !strings.Contains(string(answer.Body), key.RedactedAPIKey) {
			t.Errorf("GET %s does not show the redacted form", path)
		}
	}
}

// Polaris, "Create API keys": an organization has at most 20 keys, and deleting
// one makes room for another.
func TestPolarisAtMostTwentyKeys(t *testing.T) {
	line(t, "polaris/quota")
	var made []stacktest.Key
	for n := range 21 {
		answer := admin.Do(t, http.MethodPost, "/v1/apikeys", fmt.Sprintf(`{"name":"quota %d","permissions":[]}`, n))
		if answer.Status == http.StatusForbidden {
			if p := stacktest.JSON[stacktest.Problem](t, answer); p.Code != "API_KEY_LIMIT_EXCEEDED" {
				t.Errorf("code %s", p.Code)
			}
			break
		}
		key := stacktest.JSON[stacktest.Key](t, answer.Want(t, http.StatusCreated))
		t.Cleanup(func() { admin.Delete(t, key.ID) })
		made = append(made, key)
	}
	if n := len(items(t)); n != 20 {
		t.Fatalf("%d keys, want 20", n)
	}
	admin.Delete(t, made[0].ID)
	admin.Create(t, "in the freed place")
}

// Polaris, "Create API keys": name and description together are at most 191
// bytes of UTF-8, not characters.
func TestPolarisNameBytes(t *testing.T) {
	line(t, "polaris/bytes")
	fits := strings.Repeat("é", 95) // 190 bytes
	key := stacktest.JSON[stacktest.Key](t, admin.Do(t, http.MethodPost, "/v1/apikeys",
		fmt.Sprintf(`{"name":%q,"description":"d","permissions":[]}`, fits)).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	if key.Name != fits || key.Description != "d" {
		t.Errorf("kept as %q, %q", key.Name, key.Description)
	}
	answer := admin.Do(t, http.MethodPost, "/v1/apikeys",
		fmt.Sprintf(`{"name":%q,"description":"dd","permissions":[]}`, fits)).Want(t, http.StatusBadRequest)
	if p := stacktest.JSON[stacktest.Problem](t, answer); len(p.Errors) != 1 || p.Errors[0].Field != "name" {
		t.Errorf("the fault names no field: %s", answer.Body)
	}
}

// Polaris, "API key permissions": a key can only get permissions that its
// creator holds, at creation and at every later change.
func TestPolarisCeiling(t *testing.T) {
	line(t, "polaris/ceiling")
	creator := admin.Create(t, "creator", "ManageApiKeys", "ManageFiles")
	as := admin.With(creator.APIKey)
	as.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"more","permissions":["ManageTables"]}`).Want(t, http.StatusForbidden)
	child := as.Create(t, "less", "ManageFiles")
	as.Do(t, http.MethodPut, "/v1/apikeys/"+child.ID, `{"name":"less","permissions":["ManageFiles","ManageTables"]}`).Want(t, http.StatusForbidden)
	as.Do(t, http.MethodPatch, "/v1/apikeys/"+child.ID, `{"permissions":["ManageTables"]}`).Want(t, http.StatusForbidden)

	// Permissions granted by others may stay in a smaller change, and can be
	// removed.
	admin.Do(t, http.MethodPatch, "/v1/apikeys/"+child.ID, `{"permissions":["ManageFiles","ManageTables"]}`).Want(t, http.StatusOK)
	as.Do(t, http.MethodPatch, "/v1/apikeys/"+child.ID, `{"description":"kept"}`).Want(t, http.StatusOK)
	as.Do(t, http.MethodPatch, "/v1/apikeys/"+child.ID, `{"permissions":["ManageFiles"]}`).Want(t, http.StatusOK)
}

// Polaris, "Prerequisites": AdministerApiKeys allows managing every key.
// ManageApiKeys allows managing the caller's own creations and listing all;
// another user's key is a 403. Without either, nothing is allowed.
func TestPolarisWhoManagesWhat(t *testing.T) {
	line(t, "polaris/roles", "polaris/foreign")
	manager := admin.Create(t, "manager", "ManageApiKeys")
	other := admin.Create(t, "other")
	nobody := admin.Create(t, "nobody", "ManageFiles")

	as := admin.With(manager.APIKey)
	own := as.Create(t, "own")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		as.Do(t, method, "/v1/apikeys/"+other.ID, "").Want(t, http.StatusForbidden)
	}
	as.Do(t, http.MethodPut, "/v1/apikeys/"+other.ID, `{"name":"taken over","permissions":[]}`).Want(t, http.StatusForbidden)
	as.Do(t, http.MethodPatch, "/v1/apikeys/"+other.ID, `{"name":"taken over"}`).Want(t, http.StatusForbidden)
	if listed := as.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK); !strings.Contains(string(listed.Body), other.ID) {
		t.Error("the list leaves out keys of others")
	}
	as.Do(t, http.MethodGet, "/v1/apikeys/"+own.ID, "").Want(t, http.StatusOK)
	admin.Do(t, http.MethodGet, "/v1/apikeys/"+own.ID, "").Want(t, http.StatusOK)
	as.Do(t, http.MethodDelete, "/v1/apikeys/"+own.ID, "").Want(t, http.StatusNoContent)

	without := admin.With(nobody.APIKey)
	for _, request := range [][3]string{
		{http.MethodGet, "/v1/apikeys", ""}, {http.MethodPost, "/v1/apikeys", `{"name":"n","permissions":[]}`},
		{http.MethodGet, "/v1/apikeys/" + nobody.ID, ""}, {http.MethodGet, "/v1/permissions", ""},
	} {
		without.Do(t, request[0], request[1], request[2]).Want(t, http.StatusForbidden)
	}
}

// Polaris, "Update API keys": PUT replaces name, description and permissions,
// ignores redactedApiKey, records who changed what when, and refuses unknown
// fields.
func TestPolarisUpdate(t *testing.T) {
	line(t, "polaris/read-only", "polaris/modified", "polaris/routes")
	key := stacktest.JSON[stacktest.Key](t, admin.Do(t, http.MethodPost, "/v1/apikeys", sampleKey).Want(t, http.StatusCreated))
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	const change = `{"name":"Visualization API key","description":"Visualization demo key",%s"permissions":["ManageDashboards","ManageFiles"]}`
	path := "/v1/apikeys/" + key.ID
	answer := admin.Do(t, http.MethodPut, path, fmt.Sprintf(change, `"redactedApiKey":"pok_bjSYK...nSUZ16",`)).Want(t, http.StatusOK)
	wantFields(t, answer.Body, "id", "name", "description", "redactedApiKey", "permissions", "createdBy", "lastModifiedBy", "createdOn", "lastModifiedOn")
	after := stacktest.JSON[stacktest.Key](t, answer)
	if after.Name != "Visualization API key" || len(after.Permissions) != 2 || after.RedactedAPIKey != key.RedactedAPIKey || after.CreatedOn != key.CreatedOn {
		t.Errorf("after the change: %+v", after)
	}
	if after.LastModifiedBy != key.CreatedBy {
		t.Errorf("modified by %+v", after.LastModifiedBy)
	}
	wantTime(t, after.LastModifiedOn)
	admin.Do(t, http.MethodPut, path, fmt.Sprintf(change, `"colour":"red",`)).Want(t, http.StatusBadRequest)
}

// Polaris, "Delete API keys": a deleted key cannot be restored and is refused.
// The document allows five minutes for that, Keyward its cache TTL.
func TestPolarisDelete(t *testing.T) {
	line(t, "polaris/delete")
	key := admin.Create(t, "to be deleted")
	as := admin.With(key.APIKey)
	as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	admin.Do(t, http.MethodDelete, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusNoContent)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	admin.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusNotFound)
}

// Polaris, "Create API keys": keys are case-sensitive.
func TestPolarisCaseSensitive(t *testing.T) {
	line(t, "polaris/case")
	key := admin.Create(t, "case").APIKey
	for _, changed := range []string{strings.ToLower(key), strings.ToUpper(key)} {
		admin.With(changed).Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
	}
}

// Polaris, "List API keys": GET and DELETE accept a Content-Type and an empty
// body.
func TestPolarisToleratesEmptyBodies(t *testing.T) {
	line(t, "polaris/bodies")
	key := admin.Create(t, "empty bodies")
	json := []string{"Content-Type", "application/json"}
	admin.Do(t, http.MethodGet, "/v1/apikeys", "", json...).Want(t, http.StatusOK)
	admin.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "", json...).Want(t, http.StatusOK)
	admin.Do(t, http.MethodDelete, "/v1/apikeys/"+key.ID, "", json...).Want(t, http.StatusNoContent)
}
