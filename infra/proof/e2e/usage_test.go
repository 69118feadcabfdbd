package e2e

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// The authorizer writes the first use of a key at once: its usage, the report of
// its permissions and its last use show it.
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
	await.Until(t, "the key's last use is recorded", func() bool {
		shown := stacktest.JSON[canonical.APIKey](t, as.Do(t, http.MethodGet, path, ""))
		on, err := time.Parse(time.RFC3339, shown.LastUsedOn)
		return err == nil && !on.Before(began) && shown.LastUsedFrom != ""
	})
	top := stacktest.JSON[canonical.TopKeys](t, as.Do(t, http.MethodGet, "/v1/usage", "").Want(t, http.StatusOK))
	if !slices.ContainsFunc(top.Items, func(k canonical.TopKey) bool { return k.ID == key.ID && k.Allowed > 0 }) {
		t.Errorf("%+v", top)
	}
	as.Do(t, http.MethodGet, "/v1/usage?by=minute&from="+strconv.Itoa(1), "").Want(t, http.StatusBadRequest)
}

// A policy that keys have is not deleted unconfirmed, and the answer says when one
// of them was last used.
func TestPolicyTellsLastUse(t *testing.T) {
	as := tenant(t, "usage-policy")
	policy := as.CreatePolicy(t, "used", "ManageApiKeys")
	key := as.CreateKey(t, stacktest.Member{"name": "of policy", "policyId": policy.ID})
	as.With(key.APIKey).Do(t, http.MethodGet, "/v1/permissions", "").Want(t, http.StatusOK)
	await.Until(t, "the refusal tells the use", func() bool {
		problem := stacktest.JSON[canonical.Problem](t, as.Do(t, http.MethodDelete, "/v1/policies/"+policy.ID, "").Want(t, http.StatusConflict))
		if problem.KeyCount != 1 || len(problem.Keys) != 1 {
			t.Errorf("%+v", problem.InUse)
		}
		return problem.LastUsedOn != "" && problem.Keys[0].LastUsedOn == problem.LastUsedOn
	})
}

// The use of an ended secret, as an authorizer of another region writes it, comes
// into the audit log with its address.
func TestRetiredSecretIsRecorded(t *testing.T) {
	as := tenant(t, "usage-retired")
	key := as.Create(t, "rotated", "ManageApiKeys")
	id, err := uuid.Parse(key.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	writer := dynamo.NewUsesWriter(dynamodb.Client(running.DynamoDBURL(), dynamodb.Patient), dynamo.Names{Usage: schema.UsageTableName})
	err = writer.AddUses(t.Context(), apikey.Uses{
		Key: id, Org: "usage-retired", Day: now.Truncate(apikey.Day), Region: "eu-central-1",
		Counts:  []apikey.UseCount{{Hour: now.Hour(), Code: "SECRET_RETIRED", Requests: 1}},
		Retired: apikey.SecretUse{Generation: 1, On: now}, RetiredFrom: netip.MustParseAddr("203.0.113.9"),
	})
	if err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the audit log names it", func() bool {
		log := stacktest.JSON[canonical.AuditEventList](t, as.Do(t, http.MethodGet, "/v1/audit-events?action=apikey.retired_secret_used", "").Want(t, http.StatusOK))
		return len(log.Items) == 1 && log.Items[0].Target == key.ID && log.Items[0].Source == "203.0.113.9"
	})
}

// An item of uses that cannot be read becomes a dead letter, and does not hold up
// other keys.
func TestDamagedUsesAreDeadLetters(t *testing.T) {
	table, text := schema.UsageTableName, func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := dynamodb.Client(running.DynamoDBURL()).PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		schema.PartitionKey: text("KEY#damaged"), schema.SortKey: text("DAY#2026-01-02#us-east-1"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the dead letter is in the log", func() bool {
		return strings.Contains(running.Log(), `"msg":"dead letter","what":{"function":"record-usage"`)
	})
}
