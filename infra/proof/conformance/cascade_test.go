package conformance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/uuid"
)

const cascadeKeys = 1000

// Catena, "Managing policies": deleting a policy deletes every key that has it,
// even if the process is killed at five different steps. From the first step on,
// and after the bound has passed, no key of the policy is allowed. The next call
// or the sweep finishes the deletion, and the audit log has each key's deletion
// once.
func TestCatenaCascadeSurvivesKills(t *testing.T) {
	line(t, "catena/cascade")
	store := dynamo.New(dynamodb.Client(running.DynamoDBURL(), dynamodb.Patient), dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Secrets: schema.SecretsTableName, Usage: schema.UsageTableName,
	})
	before, _ := organization(t)["keyCount"].(float64)
	settings(t, func(s stacktest.Member) { s["maxKeys"] = cascadeKeys + 100 })
	policy := catenaPolicy(t, "cascade", "AccessQueries")
	id, err := uuid.Parse(policy.ID)
	if err != nil {
		t.Fatal(err)
	}
	keys := bulk(t, store, id)
	command(t, admin.With(keys[0])).Want(t, http.StatusOK)

	remove := func() { tryDelete(t, admin.URL+catenaPolicies+"/"+policy.ID) }
	for step, left := range []int{1000, 990, 700, 400, 50} {
		work, function := remove, "delete-policy"
		if step%2 == 1 {
			work, function = func() { sweep(t) }, "sweep"
		}
		at := killAt(t, store, id, left, function, work)
		t.Logf("killed %s with %d keys left", function, at)
		if step == 0 {
			time.Sleep(cacheTTL)
			allRefused(t, keys)
		}
	}
	if !sweep(t) {
		t.Fatal("the sweep does not finish")
	}
	if _, err := (apikeytest.Lookup{Reader: store}).Policy(t.Context(), demo.Organization, id); apikey.KindOf(err) != apikey.NotFound {
		t.Errorf("the policy's record is still there: %v", err)
	}
	if after, _ := organization(t)["keyCount"].(float64); after != before {
		t.Errorf("the organization counts %v keys, want %v", after, before)
	}
	wantDeletions(t, store, keys)
}

// killAt runs work, and repeats it if it ends too early. It kills the function's
// processes when one is about to write, once the policy is a tombstone and at
// most that many keys are left. It returns how many were left.
func killAt(t *testing.T, store *dynamo.Store, policy uuid.UUID, left int, function string, work func()) int {
	t.Helper()
	killed := make(chan int, 1)
	var once sync.Mutex
	kill := func(caller, action string) {
		if caller != function || action != "TransactWriteItems" {
			return
		}
		once.Lock()
		defer once.Unlock()
		p, err := apikeytest.Lookup{Reader: store}.Policy(context.WithoutCancel(t.Context()), demo.Organization, policy)
		if err == nil && p.Deleted && p.KeyCount <= left && len(killed) == 0 {
			killed <- p.KeyCount // before the work ends, which would count as too early
			running.Runtime.Recycle(function)
		}
	}
	before.Store(&kill)
	defer before.Store(nil)
	for len(killed) == 0 {
		if _, err := (apikeytest.Lookup{Reader: store}).Policy(t.Context(), demo.Organization, policy); err != nil {
			t.Fatalf("%s could not be killed with %d keys left: %v", function, left, err)
		}
		work()
	}
	return <-killed
}

// tryDelete sends a deletion and ignores the answer: after a kill, the gateway's
// answer is not one of the API's.
func tryDelete(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, url, nil)
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Authorization", admin.Authorization)
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}

// sweep runs the scheduled function, and reports whether it completed.
func sweep(t *testing.T) bool {
	t.Helper()
	answer, err := running.Invoke(t.Context(), "sweep", []byte(`{}`))
	return err == nil && json.Valid(answer)
}

// allRefused tries every key of the policy, deleted or not.
func allRefused(t *testing.T, keys []string) {
	t.Helper()
	var asking sync.WaitGroup
	next := make(chan string, len(keys))
	for range 8 {
		asking.Go(func() {
			for key := range next {
				if status := command(t, admin.With(key)).Status; status != http.StatusUnauthorized {
					t.Errorf("a key of the deleted policy is answered %d", status)
				}
			}
		})
	}
	for _, key := range keys {
		next <- key
	}
	close(next)
	asking.Wait()
}

// bulk creates the policy's keys and returns their texts. All are usable. It
// writes to the store directly, because a thousand requests would take long.
func bulk(t *testing.T, store *dynamo.Store, policy uuid.UUID) []string {
	t.Helper()
	kms := awskms.New(awskms.Options{
		Region: stack.Region, BaseEndpoint: aws.String(running.KMSURL()),
		Credentials: aws.CredentialsProviderFunc(localCredentials),
	})
	ring := pepper.New(pepper.Config{
		KMS: kms, Source: store, KeyID: running.Variables()[operations.EnvPepperKey], Table: schema.TableName, MaxAge: time.Minute, Now: time.Now,
	})
	var texts []string
	for n := range cascadeKeys {
		text, err := keytext.Generate("kw", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := apikey.DigestOf(t.Context(), ring, text)
		if err != nil {
			t.Fatal(err)
		}
		name, now := fmt.Sprintf("cascade %d", n), time.Now().UTC().Truncate(time.Millisecond)
		err = store.Commit(t.Context(), apikey.Change{
			Writes: []apikey.Write{apikey.CreateKey{Key: apikey.Key{
				ID: text.ID(), Org: demo.Organization, Name: name, Claim: name, Type: apikey.TypeService, Policy: policy,
				Redacted: text.Redacted(), Start: text.Start(), Digest: digest, CreatedOn: now, Version: 1,
			}}},
			Audits: []apikey.AuditRecord{{ID: newID(t), Org: demo.Organization, At: now, Action: apikey.ActionCreateKey, Target: text.ID().String()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text.Reveal())
	}
	return texts
}

// wantDeletions checks that the audit log has one deletion of each key.
func wantDeletions(t *testing.T, store *dynamo.Store, keys []string) {
	t.Helper()
	records := map[string]int{}
	for next := new(apikey.Position); next != nil; {
		part, err := store.AuditRecords(t.Context(), demo.Organization, apikey.AuditFilter{Action: apikey.ActionDeleteKey}, *next, apikey.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range part.Records {
			records[r.Target]++
		}
		next = part.Next
	}
	for _, text := range keys {
		key, err := keytext.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if n := records[key.ID().String()]; n != 1 {
			t.Errorf("key %s has %d records of its deletion", key.ID(), n)
		}
	}
}
