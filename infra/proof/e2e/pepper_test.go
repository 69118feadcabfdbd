package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/uuid"
)

// peppered is a stack whose peppers and tables a test looks at.
type peppered struct {
	*stacktest.Stack
	t *testing.T
}

func (p peppered) rotate(event string) canonical.PepperVersions {
	p.t.Helper()
	answer, err := p.Invoke(p.t.Context(), operations.RotatePepper, []byte(event))
	var versions canonical.PepperVersions
	if err == nil {
		err = json.Unmarshal(answer, &versions)
	}
	if err != nil || len(versions.Versions) == 0 {
		p.t.Fatalf("%s: %s, %v", event, answer, err)
	}
	return versions
}

// refused fails the test unless the function refuses an event and says so.
func (p peppered) refused(event, says string) {
	p.t.Helper()
	answer, err := p.Invoke(p.t.Context(), operations.RotatePepper, []byte(event))
	if err == nil || !strings.Contains(err.Error()+string(answer), says) {
		p.t.Errorf("%s: %s, %v, want %q", event, answer, err, says)
	}
}

func itemAt(partition, sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		schema.PartitionKey: &types.AttributeValueMemberS{Value: partition}, schema.SortKey: &types.AttributeValueMemberS{Value: sort},
	}
}

// key reads a key's record.
func (p peppered) key(id string) apikey.Key {
	p.t.Helper()
	parsed, err := uuid.Parse(id)
	if err != nil {
		p.t.Fatal(err)
	}
	reader := dynamo.NewReader(dynamodb.Client(p.DynamoDBURL()), dynamo.Names{Table: schema.TableName})
	found, err := reader.Read(p.t.Context(), apikey.KeyRef(parsed))
	if err != nil {
		p.t.Fatal(err)
	}
	key, err := found.Key(parsed)
	if err != nil {
		p.t.Fatal(err)
	}
	return key
}

// age sets a time in an item to a day ago.
func (p peppered) age(partition, sort, attribute string) {
	p.t.Helper()
	_, err := dynamodb.Client(p.DynamoDBURL()).UpdateItem(p.t.Context(), &awsdynamodb.UpdateItemInput{
		TableName: aws.String(schema.TableName), Key: itemAt(partition, sort), UpdateExpression: aws.String("SET " + attribute + " = :then"),
		ConditionExpression: aws.String("attribute_exists(" + attribute + ")"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":then": &types.AttributeValueMemberS{Value: time.Now().Add(-24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")},
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// A key works before, during and after a rotation of the pepper. Its record moves
// to the new version when it is next used, and nobody has modified it; a key that
// gets a new secret has it under the new version. The old version is retired once
// no key is under it, and not before.
func TestPepperRotation(t *testing.T) {
	started, err := stacktest.Start(stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1", operations.EnvPepperMaxAge: "1", operations.EnvUsageInterval: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Stop)
	p := peppered{started, t}
	owner := p.Admin()
	// Nobody can delete the keys in the end, so they are not made for a test's time.
	create := func(name string) stacktest.Key {
		t.Helper()
		return stacktest.JSON[stacktest.Key](t, owner.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"`+name+`","permissions":["ManageFiles"]}`).Want(t, http.StatusCreated))
	}
	key := create("moves")
	me := stacktest.JSON[stacktest.Key](t, owner.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)).ID
	use := func() {
		t.Helper()
		owner.With(key.APIKey).Do(t, http.MethodPost, "/v1/files", upload, multipart...).Want(t, http.StatusOK)
	}
	before, modified := p.rotate(`{"status":true}`), p.key(key.ID)
	keys := before.Versions[0].Keys
	if len(before.Versions) != 1 || keys < 2 {
		t.Fatalf("at first %+v", before)
	}

	if young := p.rotate(`{}`); len(young.Versions) != 1 || young.Note == "" {
		t.Errorf("a young version was replaced: %+v", young)
	}
	rotated := p.rotate(`{"minimumAgeSeconds":0}`)
	if again := p.rotate(`{}`); len(rotated.Versions) != 2 || len(again.Versions) != 2 || again.Versions[0].Keys != keys || again.Versions[1].State != "active" {
		t.Errorf("rotated twice to %+v", again)
	}
	p.refused(`{"retire":1}`, fmt.Sprintf("%d keys would stop working", keys))

	await.Until(t, "the key has moved", func() bool {
		use()
		return p.key(key.ID).Digest.Pepper == 2
	})
	moved := p.key(key.ID)
	if moved.Version != modified.Version+1 || moved.LastModifiedOn != modified.LastModifiedOn || moved.LastModifiedBy != modified.LastModifiedBy || moved.Digest.Sum == modified.Digest.Sum {
		t.Errorf("moved to %+v", moved)
	}
	await.Until(t, "the listing shows it", func() bool {
		use()
		return p.rotate(`{"status":true}`).Versions[0].Keys < keys
	})

	renewed := stacktest.JSON[stacktest.Key](t, owner.Do(t, http.MethodPost, "/v1/apikeys/"+me+"/rotate", `{}`).Want(t, http.StatusOK))
	if got := p.key(me).Digest.Pepper; got != 2 {
		t.Errorf("a new secret is under version %d", got)
	}
	await.Until(t, "the former secret is refused", func() bool {
		return owner.Do(t, http.MethodGet, "/v1/whoami", "").Status == http.StatusUnauthorized
	})
	owner = owner.With(renewed.APIKey)
	await.Until(t, "the listing shows it", func() bool { return p.rotate(`{"status":true}`).Versions[0].Keys == keys-2 })
	if keys > 2 {
		t.Fatalf("%d keys are left under version 1", keys-2)
	}
	p.refused(`{"retire":1}`, "can be retired from")
	p.age("PEPPER", "0000000001", "replacedOn")
	p.age("KEY#"+key.ID, "KEY", "movedOn")
	p.refused(`{"retire":1}`, "can be retired from")
	var refusal error
	defer func() { t.Logf("the last refusal: %v", refusal) }()
	// Uses are recorded after their answers. A late record moves a secret only now,
	// or writes an earlier time again, so all times are aged before each attempt.
	await.Until(t, "the version can be retired", func() bool {
		for _, id := range []string{key.ID, me} {
			if !p.key(id).MovedOn.IsZero() {
				p.age("KEY#"+id, "KEY", "movedOn")
			}
		}
		p.age("KEY#"+me, "KEY", "older[0].endsOn")
		_, err := p.Invoke(t.Context(), operations.RotatePepper, []byte(`{"retire":1}`))
		refusal = cmp.Or(err, refusal)
		return err == nil
	})
	if now := p.rotate(`{"status":true}`); now.Versions[0].State != "retired" || now.Versions[0].Keys != 0 || now.Versions[1].Keys != keys {
		t.Errorf("retired: %+v", now)
	}
	use()
	owner.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	create("made under version 2")

	p.rotate(`{"minimumAgeSeconds":0}`)
	p.refused(`{"retire":2,"force":0}`, "keys would stop working")
	if forced := p.rotate(`{"retire":2,"force":100}`); forced.Versions[1].State != "retired" {
		t.Errorf("forced: %+v", forced)
	}
	await.Until(t, "keys under the retired version are refused", func() bool {
		return owner.With(key.APIKey).Do(t, http.MethodPost, "/v1/files", upload, multipart...).Status == http.StatusUnauthorized
	})
	await.Until(t, "the log says why", func() bool { return strings.Contains(p.Log(), "PEPPER_RETIRED") })
}

// The proposal of an authorizer, as one of another region writes it, moves a key of
// the stack that proves the roles.
func TestProposalMovesKey(t *testing.T) {
	p := peppered{running, t}
	key := admin.Create(t, "proposed", "ManageFiles")
	before := p.key(key.ID)
	versions := p.rotate(`{"minimumAgeSeconds":0}`).Versions
	now := time.Now().UTC().Truncate(time.Millisecond)
	writer := dynamo.NewUsesWriter(dynamodb.Client(running.DynamoDBURL(), dynamodb.Patient), dynamo.Names{Usage: schema.UsageTableName})
	to := apikey.Digest{Pepper: versions[len(versions)-1].Version, Sum: [32]byte{1}}
	err := writer.AddUses(t.Context(), apikey.Uses{
		Key: before.ID, Org: before.Org, Day: now.Truncate(apikey.Day), Region: "eu-central-1", LastOn: now,
		Rehash: apikey.Rehash{Generation: 1, From: before.Digest, To: to},
	})
	if err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the key has moved", func() bool { return p.key(key.ID).Digest == to })
	log := stacktest.JSON[canonical.AuditEventList](t, admin.Do(t, http.MethodGet, "/v1/audit-events?target="+key.ID, "").Want(t, http.StatusOK))
	if len(log.Items) != 1 {
		t.Errorf("the audit log has %+v", log.Items)
	}
	if shown := string(admin.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusOK).Body); strings.Contains(shown, "igest") || strings.Contains(shown, `"lastModifiedOn"`) {
		t.Errorf("shown as %s", shown)
	}
	admin.Delete(t, key.ID)
}
