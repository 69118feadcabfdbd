package dynamo_test

import (
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// earlier returns the items of an organization with a key and a service, as the
// first version of the store wrote them.
func earlier(id uuid.UUID) []attributes {
	const at = "2026-01-02T03:04:05.678Z"
	api := mapValue(attributes{"account": textValue("123456789012"), "id": textValue("a")})
	return []attributes{
		{
			"pk": textValue("ORG#acme"), "sk": textValue("ORG"), "id": textValue("acme"), "name": textValue("Acme"),
			"keyPrefix": textValue("kw"), "maxKeys": numberValue("1"), "keyCount": numberValue("1"), "createdOn": textValue(at),
			"declared": listValue(mapValue(attributes{"name": textValue("A"), "description": textValue("a")})), "version": numberValue("1"),
		},
		{
			"pk": textValue("KEY#" + id.String()), "sk": textValue("KEY"), "lpk": textValue("ORG#acme"), "lsk": textValue(at + "#" + id.String()),
			"org": textValue("acme"), "name": textValue("old"), "description": textValue(""), "permissions": listValue(textValue("A")),
			"redacted": textValue("r"), "start": textValue("s"), "pepper": numberValue("1"), "digest": binaryValue(32), "createdOn": textValue(at),
			"createdByName": textValue("bootstrap"), "createdByID": textValue(""), "version": numberValue("1"),
		},
		{"pk": textValue("ORG#acme"), "sk": textValue("NAME#old"), "key": textValue(id.String())},
		{
			"pk": textValue("API#123456789012#a"), "sk": textValue("SERVICE"), "id": textValue("files"), "org": textValue("acme"),
			"name": textValue("Files"), "apis": listValue(api), "routes": listValue(),
		},
	}
}

// committer returns a function that commits a change, and fails the test unless
// its error has the kind, or it succeeds for kind 0.
func committer(t *testing.T, store *dynamo.Store) func(apikey.Kind, ...apikey.Write) {
	audits := apikeytest.Entropy(uint64(time.Now().UnixNano()))
	return func(kind apikey.Kind, writes ...apikey.Write) {
		t.Helper()
		audit, _ := uuid.New(audits)
		err := store.Commit(t.Context(), apikey.Change{Writes: writes, Audits: []apikey.AuditRecord{{ID: audit, Org: acme, At: time.Now()}}})
		if err == nil && kind != 0 || err != nil && (kind == 0 || apikey.KindOf(err) != kind) {
			t.Fatalf("%T: error %v, want kind %d", writes[0], err, kind)
		}
	}
}

// What an earlier version stored is read, changed and deleted as if it had been
// stored now: an upgrade breaks no key.
func TestUpgrade(t *testing.T) {
	client, names, ctx := dynamodb.Client(server.URL), newTables(t), t.Context()
	store, id := dynamo.New(client, names), entropyID()
	for _, item := range earlier(id) {
		if _, err := client.PutItem(ctx, &awsdynamodb.PutItemInput{TableName: &names.Table, Item: map[string]types.AttributeValue(item)}); err != nil {
			t.Fatal(err)
		}
	}
	commit := committer(t, store)
	key, err := store.Key(ctx, id)
	if err != nil || key.Type != apikey.TypeService || key.Claim != "old" || !key.Permissions.Has("A") {
		t.Fatalf("key %+v, error %v", key, err)
	}
	named, err := store.Keys(ctx, acme, apikey.KeyFilter{Name: "old"}, apikey.Position{}, 1)
	if err != nil || len(named.Records) != 1 {
		t.Fatalf("by name: %+v, error %v", named, err)
	}
	org, err := store.Organization(ctx, acme)
	if err != nil || len(org.Declared) != 1 || org.KeyCount != 1 {
		t.Fatalf("organization %+v, error %v", org, err)
	}
	if org.Retention != apikey.DefaultRetention || org.OnExposure != apikey.DisableExposed || org.StaleAfterDays != apikey.DefaultStaleAfterDays {
		t.Errorf("settings of an earlier version: %+v", org)
	}
	wider := org
	wider.MaxKeys, wider.Owners, wider.Version = 2, 1, 2
	commit(0, apikey.ReplaceOrganization{Before: org, After: wider})
	second := modifiedKey()
	second.ID[0]++
	second.Name, second.Claim, second.Policy = "old", "old", uuid.UUID{}
	commit(apikey.NameTaken, apikey.CreateKey{Key: second})
	renamed := key
	renamed.Name, renamed.Claim, renamed.Version = "new", "new", 2
	commit(0, apikey.ReplaceKey{Before: key, After: renamed})
	commit(0, apikey.CreateKey{Key: second})
	commit(0, apikey.DeleteKey{Key: renamed})

	upgradedService(t, store, commit)
}

// The last use of a key as an earlier version stored it, without the first use of
// a secret and its address, is read and replaced.
func TestUpgradeLastUse(t *testing.T) {
	client, names, id := dynamodb.Client(server.URL), newTables(t), entropyID()
	const at = "2026-01-02T03:04:05.678Z"
	if _, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &names.Usage, Item: map[string]types.AttributeValue{
		"pk": textValue("KEY#" + id.String()), "sk": textValue("LAST"), "org": textValue("acme"), "usedOn": textValue(at), "usedFrom": textValue("192.0.2.1"),
		"secrets": listValue(mapValue(attributes{"generation": numberValue("2"), "on": textValue(at)})), "retiredOn": textValue(""), "noticed": listValue(), "version": numberValue("1"),
	}}); err != nil {
		t.Fatal(err)
	}
	store := dynamo.New(client, names)
	found, err := store.Read(t.Context(), apikey.LastUseRef(id))
	if err != nil {
		t.Fatal(err)
	}
	use, err := found.LastUse(id)
	if second := use.SecretUse(2); err != nil || second.On.IsZero() || !second.FirstOn.Equal(second.On) || second.From.IsValid() {
		t.Fatalf("read %+v, %v", use, err)
	}
	after := use
	after.Version++
	if err := store.Commit(t.Context(), apikey.Change{Writes: []apikey.Write{apikey.PutLastUse{Before: use, After: after}}}); err != nil {
		t.Error(err)
	}
}

func upgradedService(t *testing.T, store *dynamo.Store, commit func(apikey.Kind, ...apikey.Write)) {
	t.Helper()
	ctx, api := t.Context(), routing.API{Account: "123456789012", ID: "a"}
	if found, err := store.Service(ctx, api); err != nil || found.ID != "files" || !found.Has(api) {
		t.Fatalf("service %+v, error %v", found, err)
	}
	foreign := apikey.Service{ID: "files", Org: "other", APIs: []routing.API{api}, Version: 1}
	commit(apikey.NameTaken, apikey.PutService{After: foreign})
	own := foreign
	own.Org = acme
	commit(0, apikey.PutService{After: own})
	if found, err := store.Service(ctx, api); err != nil || found.Version != 1 {
		t.Errorf("service %+v, error %v", found, err)
	}
}
