package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Polaris, "List API keys": the person who created or changed a key is shown by
// e-mail and user id.
func TestPolarisPerson(t *testing.T) {
	line(t, "polaris/person")
	self := stacktest.JSON[struct{ User stacktest.User }](t, owner.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).User
	if self.ID == "" || !strings.Contains(self.Email, "@") {
		t.Fatalf("the owner is %+v", self)
	}
	want := stacktest.ActorJSON{Username: self.Email, UserID: self.ID}
	key := owner.Create(t, "made by a person")
	if key.CreatedBy != want {
		t.Errorf("created by %+v, want %+v", key.CreatedBy, want)
	}
	changed := stacktest.JSON[stacktest.Key](t, owner.Do(t, http.MethodPatch, "/v1/apikeys/"+key.ID, `{"description":"changed"}`).Want(t, http.StatusOK))
	if changed.LastModifiedBy != want {
		t.Errorf("modified by %+v, want %+v", changed.LastModifiedBy, want)
	}
}

// Polaris, "Prerequisites": by role alone, administrators manage all keys,
// managers those that they create, and both see all. Members see only their own
// (the Polyteia document).
func TestPolarisGroups(t *testing.T) {
	line(t, "polaris/groups")
	other := admin.Create(t, "somebody else's")
	for role, want := range map[string]struct {
		sees   bool
		others int
	}{
		"ADMIN": {true, http.StatusOK}, "MANAGER": {true, http.StatusForbidden}, "MEMBER": {false, http.StatusForbidden},
	} {
		t.Run(role, func(t *testing.T) {
			as, _ := person(t, role)
			list := as.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK)
			if strings.Contains(string(list.Body), other.ID) != want.sees {
				t.Errorf("listed: %s", list.Body)
			}
			as.Do(t, http.MethodPatch, "/v1/apikeys/"+other.ID, `{"description":"`+role+`"}`).Want(t, want.others)
		})
	}
}

// Polaris, "Create API keys": a key belongs to the organization and not to the
// user who created it, and does not expire by itself.
func TestPolarisOutlivesItsMaker(t *testing.T) {
	line(t, "polaris/outlive")
	as, user := person(t, "MANAGER", "AccessQueries")
	answer := as.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"outlives","permissions":["AccessQueries"]}`).Want(t, http.StatusCreated)
	key := stacktest.JSON[stacktest.Key](t, answer)
	t.Cleanup(func() { admin.Delete(t, key.ID) })
	if strings.Contains(string(answer.Body), "expiresOn") {
		t.Errorf("the key expires: %s", answer.Body)
	}
	owner.Do(t, http.MethodDelete, "/v1/users/"+user.ID, "").Want(t, http.StatusNoContent)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	command(t, admin.With(key.APIKey)).Want(t, http.StatusOK)
}

// Polaris, "Create API keys": with the document's prefix a key has its 70
// characters.
func TestPolarisKeyLength(t *testing.T) {
	line(t, "polaris/forms")
	settings(t, func(s stacktest.Member) { s["keyPrefix"] = "pok" })
	key := admin.Create(t, "prefixed").APIKey
	match(t, `^pok_[0-9A-Za-z]{66}$`, key)
	if len(key) != 70 {
		t.Errorf("%d characters", len(key))
	}
}

// Polaris: every permission that the document names can be granted.
func TestPolarisCatalogue(t *testing.T) {
	line(t, "polaris/catalogue")
	documented := strings.Fields(`AdministerAlerts AdministerApiKeys AdministerBilling AdministerClients AdministerDashboards
		AdministerDataCubes AdministerProjects AdministerQueries AdministerScaling ManageAlertsWebhooks ManageApiKeys
		ManageConnections ManageDashboards ManageDataCubes ManageFiles ManageIngestionJobs ManageProjects ManageReports
		ManageTables AccessAlerts AccessDownloadData AccessDownloadLargeData AccessMetrics AccessQueries AccessQueryRawData
		AccessScaling AccessVisualization ViewTables`)
	if len(documented) != 28 {
		t.Fatalf("the test names %d", len(documented))
	}
	key := admin.Create(t, "all of them", documented...)
	slices.Sort(documented)
	if got := slices.Sorted(slices.Values(key.Permissions)); !slices.Equal(got, documented) {
		t.Errorf("granted %v", got)
	}
}
