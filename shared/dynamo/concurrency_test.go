package dynamo_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const acme apikey.OrgID = "acme"

// rules returns the rules over a store with an organization, and its admin key
// as a caller.
func rules(t *testing.T, store apikey.Store) (*apikey.Rules, apikey.Caller) {
	t.Helper()
	peppers := &apikeytest.Peppers{}
	keys := &apikey.Rules{
		Store: store, Digester: peppers, PepperMaker: peppers, Outcomes: openVault{},
		Now: apikeytest.NewClock().Now, Entropy: rand.Reader, NFC: norm.NFC.String,
	}
	made, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: acme, KeyPrefix: "kw", Name: "Acme", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, apikey.Caller{Org: acme, Key: made.Admin.Key.ID}
}

// A hundred equal creations at once with one Idempotency-Key create one key, and
// all of them return it with its text, although it takes the last place.
func TestEqualCreationsAtOnce(t *testing.T) {
	store := dynamo.New(dynamodb.Client(server.URL), newTables(t))
	keys, admin := rules(t, store)
	for i := range 18 {
		if _, err := keys.Create(t.Context(), admin, apikey.Draft{Name: fmt.Sprint("before ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	admin.Idempotency = apikey.Idempotency{Key: [32]byte{1}, Fingerprint: [32]byte{2}}
	made := make([]apikey.Minted, 100)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() {
			var err error
			if made[i], err = keys.Create(t.Context(), admin, apikey.Draft{Name: "the last"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	created := 0
	for _, each := range made {
		if each.Key.ID != made[0].Key.ID || each.Text.Reveal() == "" || each.Text.Reveal() != made[0].Text.Reveal() {
			t.Fatalf("another key: %v", each.Key.ID)
		}
		if !each.Repeated {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%d created the key", created)
	}
	wantKeys(t, store, 20)
}

// A repetition after an answer that never came, neither to the store nor to the
// caller, returns the one key that there is.
func TestRepetitionAfterLostAnswers(t *testing.T) {
	defer dynamo.BeUsual()()
	network := &lossy{lose: func(*http.Request) error { return fmt.Errorf("connection reset") }}
	client := dynamodb.Client(server.URL, func(o *awsdynamodb.Options) { o.HTTPClient = network })
	store := dynamo.New(client, newTables(t))
	keys, admin := rules(t, store)
	admin.Idempotency = apikey.Idempotency{Key: [32]byte{1}, Fingerprint: [32]byte{2}}
	network.losses.Store(1 << 20)
	if _, err := keys.Create(t.Context(), admin, apikey.Draft{Name: "new"}); apikey.KindOf(err) != apikey.Unavailable {
		t.Fatalf("error %v", err)
	}
	network.losses.Store(0)
	made, err := keys.Create(t.Context(), admin, apikey.Draft{Name: "new"})
	if err != nil || !made.Repeated || made.Text.Reveal() == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	wantKeys(t, store, 2)
}

// Under any concurrency an organization gets exactly as many keys as its quota
// allows, and every other caller gets the quota error: 100 creations at 15 of
// 20 give 5.
func TestQuotaIsExact(t *testing.T) {
	store := dynamo.New(dynamodb.Client(server.URL), newTables(t))
	keys, admin := rules(t, store)
	for i := range 14 {
		if _, err := keys.Create(t.Context(), admin, apikey.Draft{Name: fmt.Sprint("before ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	var created, refused atomic.Int32
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			_, err := keys.Create(t.Context(), admin, apikey.Draft{Name: fmt.Sprint("rival ", i)})
			switch {
			case err == nil:
				created.Add(1)
			case apikey.KindOf(err) == apikey.QuotaReached:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if created.Load() != 5 || refused.Load() != 95 {
		t.Errorf("%d created, %d refused, want 5 and 95", created.Load(), refused.Load())
	}
	wantKeys(t, store, 20)
}

// wantKeys checks that the count, the listing and the audit log agree. Besides
// the keys, the log has the pepper, the organization and its owner.
func wantKeys(t *testing.T, store *dynamo.Store, want int) {
	t.Helper()
	org, err := store.Organization(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := store.Keys(t.Context(), acme, apikey.KeyFilter{}, apikey.Position{}, apikey.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	records := apikeytest.AuditLog(t, store, acme)
	if org.KeyCount != want || len(listed.Records) != want || len(records) != want+3 {
		t.Errorf("the organization counts %d keys, %d are listed, %d audit records; want %d, %d, %d",
			org.KeyCount, len(listed.Records), len(records), want, want, want+3)
	}
}

// lossy carries requests to the server and loses the answers to the first few
// transactions.
type lossy struct {
	losses atomic.Int32
	// lose returns the error that the client gets instead of the answer.
	lose func(*http.Request) error
	sent atomic.Int32
}

func (l *lossy) Do(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil || request.Header.Get("X-Amz-Target") != "DynamoDB_20120810.TransactWriteItems" {
		return response, err
	}
	l.sent.Add(1)
	if l.losses.Add(-1) < 0 {
		return response, nil
	}
	_ = response.Body.Close()
	return nil, l.lose(request)
}

// forgetful makes DynamoDB treat every transaction as a new one, as it treats a
// request that is repeated after ten minutes.
type forgetful struct{ dynamo.API }

func (f forgetful) TransactWriteItems(ctx context.Context, input *awsdynamodb.TransactWriteItemsInput, opts ...func(*awsdynamodb.Options)) (*awsdynamodb.TransactWriteItemsOutput, error) {
	anonymous := *input
	anonymous.ClientRequestToken = nil
	return f.API.TransactWriteItems(ctx, &anonymous, opts...)
}

// A creation whose answer is lost creates exactly one key and succeeds, whether
// the connection broke or the time ran out, and whether or not DynamoDB still
// recognizes the request.
func TestLostAnswerMakesOneKey(t *testing.T) {
	broken := func(*http.Request) error { return fmt.Errorf("connection reset") }
	late := func(*http.Request) error { return context.DeadlineExceeded }
	forget := func(api dynamo.API) dynamo.API { return forgetful{api} }
	know := func(api dynamo.API) dynamo.API { return api }
	for name, test := range map[string]struct {
		lose   func(*http.Request) error
		wrap   func(dynamo.API) dynamo.API
		losses int32
	}{
		"broken connection":            {broken, know, 3},
		"time-out":                     {late, know, 1},
		"broken connection, forgotten": {broken, forget, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := &lossy{lose: test.lose}
			client := dynamodb.Client(server.URL, func(o *awsdynamodb.Options) { o.HTTPClient = network })
			store := dynamo.New(test.wrap(client), newTables(t))
			keys, admin := rules(t, store)

			network.losses.Store(test.losses)
			network.sent.Store(0)
			made, err := keys.Create(t.Context(), admin, apikey.Draft{Name: "new"})
			if err != nil {
				t.Fatal(err)
			}
			if sent := network.sent.Load(); sent != test.losses+1 {
				t.Errorf("the transaction was sent %d times, want %d", sent, test.losses+1)
			}
			if _, err := store.Key(t.Context(), made.Key.ID); err != nil {
				t.Error(err)
			}
			wantKeys(t, store, 2)
		})
	}
}

// The contract holds even if DynamoDB recognizes no client request token: the
// audit record alone ensures that a repeated change is applied once.
func TestContractWithoutRequestToken(t *testing.T) {
	apikeytest.Contract(t, func(t *testing.T) apikeytest.Subject {
		return newSubject(t, forgetful{dynamodb.Client(server.URL)})
	})
}
