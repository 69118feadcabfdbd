package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/eventbridge"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// eventsOf returns the types of the events about a target, in order of arrival,
// each once: events are published at least once.
func eventsOf(t *testing.T, target string) (types []string, texts string) {
	t.Helper()
	seen, all := map[string]bool{}, strings.Builder{}
	for _, event := range running.Events() {
		var detail canonical.EventDetail
		if err := json.Unmarshal(event.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		all.Write(event.Detail)
		if detail.Target == target && !seen[detail.ID] {
			seen[detail.ID] = true
			types = append(types, event.DetailType)
		}
	}
	return types, all.String()
}

// Everything that happens to a key is an event on the bus, in order and without
// the key's text, and is shown at the local address and in the log.
func TestEventsOfAKey(t *testing.T) {
	key := admin.Create(t, "watched", "ManageFiles")
	path := "/v1/apikeys/" + key.ID
	admin.Do(t, http.MethodPatch, path, `{"description":"d"}`).Want(t, http.StatusOK)
	admin.Do(t, http.MethodPatch, path, `{"enabled":false}`).Want(t, http.StatusOK)
	admin.Do(t, http.MethodPatch, path, `{"enabled":true}`).Want(t, http.StatusOK)
	admin.Delete(t, key.ID)
	want := []string{"apikey.created", "apikey.changed", "apikey.disabled", "apikey.changed", "apikey.deleted"}
	await.Until(t, "the key's last event arrives", func() bool {
		types, _ := eventsOf(t, key.ID)
		return slices.Contains(types, "apikey.deleted")
	})
	types, texts := eventsOf(t, key.ID)
	if !slices.Equal(types, want) {
		t.Errorf("events %v, want %v", types, want)
	}
	response, err := http.Get(running.EventsURL())
	if err != nil {
		t.Fatal(err)
	}
	shown, err := io.ReadAll(response.Body)
	if _ = response.Body.Close(); err != nil || !strings.Contains(string(shown), key.ID) || !strings.Contains(running.Log(), `"detail-type":"apikey.deleted"`) {
		t.Errorf("the events are not shown: %v", err)
	}
	if strings.Contains(texts+string(shown), key.APIKey) {
		t.Error("an event shows the key")
	}
	first, _, _ := strings.Cut(string(shown), "\n")
	var event eventbridge.Event
	if err := json.Unmarshal([]byte(first), &event); err != nil || event.Source != "keyward" || event.DetailType == "" {
		t.Errorf("the first line is %s: %v", first, err)
	}
}

// An audit record that cannot be read becomes a dead letter, and the events
// behind it arrive.
func TestDeadLetters(t *testing.T) {
	client := dynamodb.Client(running.DynamoDBURL())
	table, text := schema.AuditTableName, func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		schema.PartitionKey: text("ORG#damaged"), schema.SortKey: text("2026-01-02T03:04:05.678Z#" + t.Name()),
	}})
	if err != nil {
		t.Fatal(err)
	}
	key := admin.Create(t, "behind it", "ManageFiles")
	defer admin.Delete(t, key.ID)
	await.Until(t, "the dead letter is in the log", func() bool {
		return strings.Contains(running.Log(), `"msg":"dead letter","what":{"function":"publish-events"`)
	})
	await.Until(t, "the event behind it arrives", func() bool {
		types, _ := eventsOf(t, key.ID)
		return slices.Contains(types, "apikey.created")
	})
	later := admin.Create(t, "later", "ManageFiles")
	defer admin.Delete(t, later.ID)
	await.Until(t, "later events arrive", func() bool {
		types, _ := eventsOf(t, later.ID)
		return slices.Contains(types, "apikey.created")
	})
}
