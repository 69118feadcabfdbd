package e2e

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// The authorizer writes the first use of a key at once: its usage, the report of
// its permissions, and, once recorded, its last use show it.
func TestUsageOfAKey(t *testing.T) {
	began := time.Now().Truncate(time.Second)
	as := tenant(t, "usage")
	key := as.CreateKey(t, stacktest.Member{"name": "used", "permissions": []string{"ManageApiKeys", "AdministerPolicies"}})
	if shown := stacktest.JSON[canonical.APIKey](t, as.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "")); shown.LastUsedOn != "" {
		t.Errorf("a new key was last used on %s", shown.LastUsedOn)
	}
	as.With(key.APIKey).Do(t, http.MethodGet, "/v1/permissions", "").Want(t, http.StatusOK)
	as.With(key.APIKey).Do(t, http.MethodGet, "/v1/users", "").Want(t, http.StatusForbidden)
	path := "/v1/apikeys/" + key.ID
	await.Until(t, "the use is written", func() bool {
		usage := stacktest.JSON[canonical.Usage](t, as.Do(t, http.MethodGet, path+"/usage?by=hour", "").Want(t, http.StatusOK))
		return len(usage.Items) > 0 && usage.Items[0].Allowed > 0
	})
	report := stacktest.JSON[canonical.PermissionUse](t, as.Do(t, http.MethodGet, path+"/permissions", "").Want(t, http.StatusOK))
	if len(report.Used) != 1 || report.Used[0].Name != "ManageApiKeys" || !report.Used[0].Granted || !slices.Equal(report.Unused, []string{"AdministerPolicies"}) {
		t.Errorf("%+v", report)
	}
	recordUses(t, key.ID)
	shown := stacktest.JSON[canonical.APIKey](t, as.Do(t, http.MethodGet, path, ""))
	if on, err := time.Parse(time.RFC3339, shown.LastUsedOn); err != nil || on.Before(began) || shown.LastUsedFrom == "" {
		t.Errorf("last used on %q from %q", shown.LastUsedOn, shown.LastUsedFrom)
	}
	top := stacktest.JSON[canonical.TopKeys](t, as.Do(t, http.MethodGet, "/v1/usage", "").Want(t, http.StatusOK))
	if !slices.ContainsFunc(top.Items, func(k canonical.TopKey) bool { return k.ID == key.ID && k.Allowed > 0 }) {
		t.Errorf("%+v", top)
	}
	as.Do(t, http.MethodGet, "/v1/usage?by=minute&from="+strconv.Itoa(1), "").Want(t, http.StatusBadRequest)
}

// recordUses records the uses of a key of the last day.
func recordUses(t *testing.T, id string) {
	t.Helper()
	store := dynamo.New(dynamodb.Client(running.DynamoDBURL(), dynamodb.Patient), dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Usage: schema.UsageTableName,
	})
	key, err := keytext.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	uses, err := store.Uses(t.Context(), key, time.Now().Add(-apikey.Day), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	rules := &apikey.Rules{Store: store, Now: time.Now, Entropy: rand.Reader}
	if err := errors.Join(rules.RecordUses(t.Context(), uses)...); err != nil {
		t.Fatal(err)
	}
}
